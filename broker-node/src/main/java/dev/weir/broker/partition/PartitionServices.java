// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.log.LogException;

import java.util.function.Consumer;

/// What all partitions of one data directory share. Everything that a partition does not decide
/// itself comes from here, time and threads included: the same calls in the same order do the same.
///
/// @param identity of the replicas
/// @param threads run what a caller's thread must not
/// @param flushes of the directory
/// @param ports to other nodes
/// @param onLogFailure told, once or more, that a log failed, and with it the directory
/// @param onCommittedCut told that a replica gave up what it knew to be committed
/// @param mailboxCapacity events that may wait in front of one partition
/// @param batchBytesMax largest batch taken from clients
public record PartitionServices(
        ReplicaIdentity identity,
        PartitionThreads threads,
        FlushScheduler flushes,
        PartitionPorts ports,
        Consumer<LogException> onLogFailure,
        Runnable onCommittedCut,
        Clocks clocks,
        ReplicaLimits limits,
        int mailboxCapacity,
        int batchBytesMax) {

    /// Events in front of one partition, unless there is a reason.
    public static final int MAILBOX_CAPACITY = 1_024;

    /// Largest batch that any node may be set to take, and so every follower takes: one message is
    /// one batch, and 4 KiB are left for what surrounds it.
    public static final int BATCH_BYTES_MAX = (1 << 20) - (4 << 10);
}
