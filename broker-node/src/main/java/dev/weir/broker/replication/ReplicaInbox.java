// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

/// Where messages of other nodes' replicas go.
///
/// **Threading:** any thread; nothing here blocks.
public interface ReplicaInbox {

    /// A message came. Those of one node and lane come in order, one at a time.
    ///
    /// @param message the inbox releases the bytes that it carries, once
    void receive(int fromNode, Lane lane, PartitionId partition, ReplicaMessage message);

    /// The stream that the partition used with that node ended: messages may be lost. Only
    /// enqueues.
    void linkBroken(int node, Lane lane, PartitionId partition);
}
