// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchListener;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsListener;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionStatus;
import dev.weir.broker.partition.PendingFetch;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.log.PartitionId;

import java.util.Optional;
import java.util.OptionalInt;

/// A partition whose log could not be opened. It is there, so that who asks learns why. Unless that
/// was for want of descriptors, memory or space, only a restart opens it again.
///
/// @param reason for people
record OfflinePartition(PartitionId id, Assignment assignment, String reason) implements Partition {

    private static final PendingFetch OVER = () -> false;

    @Override
    public void produce(ProduceCommand command, ProduceListener listener) {
        listener.onBatchReleased();
        listener.onOutcome(new ProduceOutcome.LogDirOffline(reason, false));
    }

    @Override
    public PendingFetch fetch(FetchCommand command, FetchListener listener) {
        listener.onOutcome(new FetchOutcome.LogDirOffline(reason));
        return OVER;
    }

    @Override
    public void listOffsets(
            OffsetQuestion question, OptionalInt leaderEpoch, ListOffsetsListener listener) {
        listener.onOutcome(new ListOffsetsOutcome.LogDirOffline(reason));
    }

    @Override
    public PartitionStatus status() {
        return new PartitionStatus(
                id,
                assignment.leaderId(),
                assignment.leaderEpoch(),
                assignment.partitionEpoch(),
                assignment.replicaIds(),
                assignment.isr(),
                false,
                0,
                0,
                0,
                0,
                Optional.of(reason));
    }
}
