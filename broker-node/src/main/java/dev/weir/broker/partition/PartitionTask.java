// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.log.FlushTicket;
import dev.weir.log.LogConfig;
import dev.weir.log.ReadResult;

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

    /// A truncation or reset is durable.
    record CutDone(ReplicaEvent outcome) implements PartitionTask {}

    /// A truncation or reset ended early.
    record CutFailed(RuntimeException failure) implements PartitionTask {}

    /// A feed may go on.
    ///
    /// @param link the link admits pushes again; otherwise it is only the feed's turn again
    record FeedResumed(PushFeed feed, boolean link) implements PartitionTask {}

    /// A feed's cold read is done.
    record FeedRead(PushFeed feed, ReadResult result) implements PartitionTask {}

    /// A feed's cold read failed.
    record FeedReadFailed(PushFeed feed, RuntimeException failure) implements PartitionTask {}

    /// A feed cannot go on.
    record FeedOver(PushFeed feed) implements PartitionTask {}
}
