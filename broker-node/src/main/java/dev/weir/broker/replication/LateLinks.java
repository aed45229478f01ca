// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.ReplicaLinks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

/// Links for partitions that are there before the streams are. Until [#lead] everything is lost.
///
/// **Threading:** any thread.
public final class LateLinks implements ReplicaLinks {

    private volatile ReplicaLinks target = NONE;

    /// From now on everything goes there.
    public void lead(ReplicaLinks links) {
        target = links;
    }

    @Override
    public void send(int toNode, Lane lane, PartitionId partition, ReplicaMessage message) {
        target.send(toNode, lane, partition, message);
    }

    @Override
    public boolean admits(int toNode, Lane lane, Runnable resume) {
        return target.admits(toNode, lane, resume);
    }
}
