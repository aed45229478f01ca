// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.log.LogException;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// What all partitions of one data directory share.
///
/// @param identity of the replicas
/// @param workers takes the turns that no event loop takes
/// @param readers runs reads that may wait for the disk; bounded, refuses with
///   `RejectedExecutionException`
/// @param flushes of the directory
/// @param onLogFailure told, once or more, that a log failed, and with it the directory
/// @param mailboxCapacity events that may wait in front of one partition
/// @param batchBytesMax largest batch taken
public record PartitionServices(
        ReplicaIdentity identity,
        Executor workers,
        Executor readers,
        FlushScheduler flushes,
        Consumer<LogException> onLogFailure,
        Clocks clocks,
        ReplicaLimits limits,
        int mailboxCapacity,
        int batchBytesMax) {

    /// Events in front of one partition, unless there is a reason.
    public static final int MAILBOX_CAPACITY = 1_024;
}
