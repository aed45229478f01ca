// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.ReplicaLinks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.log.PartitionId;

import java.util.Optional;

/// Hands messages to this node's replicas. A session with a replica that is not here, perhaps
/// because this node's image is behind, is refused; all else for it is dropped.
///
/// **Threading:** any thread; on an event loop the replica's work is done inline.
public final class LocalInbox implements ReplicaInbox {

    private final PartitionRegistry partitions;
    private final ReplicaLinks links;

    /// @param partitions of this node
    /// @param links take refusals
    public LocalInbox(PartitionRegistry partitions, ReplicaLinks links) {
        this.partitions = partitions;
        this.links = links;
    }

    @Override
    public void receive(int fromNode, Lane lane, PartitionId partition, ReplicaMessage message) {
        var replica = find(partition);
        if (replica.isPresent()) {
            replica.get().receive(fromNode, lane, message);
        } else if (message instanceof ReplicaMessage.Push push) {
            push.batches().release();
        } else if (message instanceof ReplicaMessage.OpenSession open) {
            links.send(
                    fromNode,
                    lane,
                    partition,
                    new ReplicaMessage.Refused(open.session(), open.leaderEpoch()));
        }
    }

    @Override
    public void linkBroken(int node, Lane lane, PartitionId partition) {
        find(partition).ifPresent(replica -> replica.linkBroken(node, lane));
    }

    private Optional<LocalPartition> find(PartitionId partition) {
        return partitions
                .find(partition)
                .filter(LocalPartition.class::isInstance)
                .map(LocalPartition.class::cast);
    }
}
