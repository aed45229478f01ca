// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.metrics.LinkMeters;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.rpc.MemoryBudget;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// What all streams of a node share.
///
/// @param clusterId of the cluster
/// @param nodeId this node
/// @param incarnation this process
/// @param inbox takes what comes
/// @param budgets bytes of pushes that have come and are not written yet, for each lane
/// @param meters counts
/// @param gates those who wait until they may push, by peer
/// @param closed set once the node stops: nobody is told of ends any more
record LinkContext(
        UUID clusterId,
        int nodeId,
        UUID incarnation,
        ReplicaInbox inbox,
        Map<Lane, MemoryBudget> budgets,
        LinkMeters meters,
        Map<LinkStream.Peer, Gate> gates,
        AtomicBoolean closed) {

    LinkContext(
            NodeIdentity self,
            ReplicaInbox inbox,
            Map<Lane, MemoryBudget> budgets,
            LinkMeters meters) {
        this(
                self.clusterId(),
                self.nodeId(),
                self.incarnation(),
                inbox,
                budgets,
                meters,
                new ConcurrentHashMap<>(),
                new AtomicBoolean());
    }

    Gate gate(LinkStream.Peer peer) {
        return gates.computeIfAbsent(peer, _ -> new Gate());
    }

    MemoryBudget budget(Lane lane) {
        var budget = budgets.get(lane);
        if (budget == null) {
            throw new IllegalStateException("no budget for " + lane);
        }
        return budget;
    }

    boolean isClosed() {
        return closed.get();
    }
}
