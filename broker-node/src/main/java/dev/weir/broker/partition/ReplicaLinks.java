// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

/// The way from this node's replicas to those on other nodes.
///
/// What arrives goes to [LocalPartition#receive]; a connection that ended, to
/// [LocalPartition#linkBroken] of every partition.
///
/// **Threading:** any thread; nothing here blocks or calls back before it has returned.
public interface ReplicaLinks {

    /// Sends, or loses, a message. Those of one node and lane arrive in order.
    ///
    /// @param message bytes that it carries are the link's from now on: it releases them once,
    ///   whether they were sent or not
    void send(int toNode, Lane lane, PartitionId partition, ReplicaMessage message);

    /// Whether pushes may go out on a lane now.
    ///
    /// @param resume runs once, on any thread, when they may again; only if the answer is `false`
    boolean admits(int toNode, Lane lane, Runnable resume);

    /// Loses everything.
    ReplicaLinks NONE =
            new ReplicaLinks() {
                @Override
                public void send(
                        int toNode, Lane lane, PartitionId partition, ReplicaMessage message) {
                    if (message instanceof ReplicaMessage.Push push) {
                        push.batches().release();
                    }
                }

                @Override
                public boolean admits(int toNode, Lane lane, Runnable resume) {
                    return false;
                }
            };
}
