// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.log.FlushTicket;
import dev.weir.log.LogConfig;

/// What lies in a partition's mailbox.
sealed interface PartitionTask {

    /// For the replica to decide about.
    record Step(ReplicaEvent event) implements PartitionTask {}

    /// The log has new settings.
    record Configure(LogConfig config) implements PartitionTask {}

    /// A flush slot is this partition's.
    record FlushSlot() implements PartitionTask {}

    /// A flush has run.
    record FlushRan(FlushTicket ticket) implements PartitionTask {}
}
