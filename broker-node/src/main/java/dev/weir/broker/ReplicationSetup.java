// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.replication.LateLinks;
import dev.weir.broker.replication.LocalInbox;
import dev.weir.broker.replication.NodeIdentity;
import dev.weir.broker.replication.ReplicationTransport;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.storage.DataDirectory;

import io.netty.channel.EventLoop;

import java.util.EnumMap;

/// The replication streams of a node, put together from its parts.
final class ReplicationSetup {

    private ReplicationSetup() {}

    /// What the streams run on.
    ///
    /// @param channels the way to other nodes
    /// @param loop runs what waits for a time
    record Net(NodeChannels channels, EventLoop loop) {}

    /// @param links of the partitions; lead to the streams from now on
    static ReplicationTransport start(
            BrokerConfig config,
            DataDirectory data,
            LateLinks links,
            Net net,
            NodeMetrics metrics) {
        var budgets = new EnumMap<Lane, MemoryBudget>(Lane.class);
        long laneBytes = MemoryShares.of(config).laneBytes();
        for (var lane : Lane.values()) {
            budgets.put(lane, new MemoryBudget(laneBytes));
        }
        NodeGauges.registerLaneBudgets(metrics, budgets.values());
        var transport =
                new ReplicationTransport(
                        new NodeIdentity(
                                config.clusterId(), config.nodeId(), data.start().incarnation()),
                        new LocalInbox(data.partitions(), links),
                        net.channels(),
                        net.loop(),
                        new ReplicationTransport.Resources(budgets, metrics));
        links.lead(transport);
        return transport;
    }
}
