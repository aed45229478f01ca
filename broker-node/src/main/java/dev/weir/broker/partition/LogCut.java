// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.LogException;
import dev.weir.log.PartitionLog;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A truncation or reset of a partition's log, off the turn, because it waits for the disk. While
/// one is under way the log is its alone: no turn appends, flushes or configures.
///
/// **Threading:** the partition's turn; the cut itself on a thread of the directory's.
final class LogCut {

    private static final Logger LOG = LoggerFactory.getLogger(LogCut.class);

    /// Between two attempts of what found no room.
    private static final long RETRY_MS = 1_000;

    private final PartitionLog log;
    private final Executor syncs;
    private final Consumer<PartitionTask> self;

    /// What is under way, or waits for room to be tried again.
    private @Nullable Supplier<ReplicaEvent> cut;

    private boolean waitsForTime;
    private long nextTryMs;

    LogCut(PartitionLog log, Executor syncs, Consumer<PartitionTask> self) {
        this.log = log;
        this.syncs = syncs;
        this.self = self;
    }

    /// Whether the log is not the turn's.
    boolean isUnderWay() {
        return cut != null;
    }

    /// Whether nothing touches the log now, although the cut is not done.
    boolean waitsForTime() {
        return waitsForTime;
    }

    /// Cuts at an offset.
    void truncate(long offset) {
        LOG.atInfo()
                .addKeyValue("partition", log.partition())
                .log("Truncating from {} to {}", log.logEndOffset(), offset);
        begin(() -> new ReplicaEvent.Truncated(log.truncateTo(offset)));
    }

    /// Begins anew with a leader's state.
    void reset(ReplicaMessage.Reset reset) {
        LOG.atInfo()
                .addKeyValue("partition", log.partition())
                .log("Beginning anew at the leader's log start {}", reset.logStart());
        begin(
                () -> {
                    var history = LeaderEpochHistory.decode(reset.epochHistory().duplicate());
                    var states = producers(reset).orElseThrow();
                    log.resetTo(reset.logStart(), history, states);
                    return new ReplicaEvent.ResetDone(reset.logStart());
                });
    }

    /// Whether a reset's state can be read and belongs to its log start.
    static boolean isSound(ReplicaMessage.Reset reset) {
        try {
            var history = LeaderEpochHistory.decode(reset.epochHistory().duplicate());
            return producers(reset).filter(s -> s.mapEndOffset() == reset.logStart()).isPresent()
                    && history.truncateFromEnd(reset.logStart() + 1).equals(history);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static Optional<ProducerStates> producers(ReplicaMessage.Reset reset) {
        var bytes = new byte[reset.producerStates().remaining()];
        reset.producerStates().duplicate().get(bytes);
        return ProducerStates.decodeSnapshot(bytes, ProducerStates.PRODUCERS_MAX_DEFAULT);
    }

    private void begin(Supplier<ReplicaEvent> work) {
        if (cut != null) {
            throw new IllegalStateException("two cuts of one log at a time");
        }
        cut = work;
        run(work);
    }

    private void run(Supplier<ReplicaEvent> work) {
        syncs.execute(
                () -> {
                    PartitionTask ended;
                    try {
                        ended = new PartitionTask.CutDone(work.get());
                    } catch (RuntimeException e) {
                        ended = new PartitionTask.CutFailed(e);
                    }
                    self.accept(ended);
                });
    }

    /// It is done: the log is the turn's again.
    void done() {
        cut = null;
    }

    /// It ended early.
    ///
    /// @return whether it is given up; otherwise it is tried again
    boolean failed(RuntimeException failure, long nowMs) {
        if (failure instanceof LogException.DiskFullException
                || failure instanceof LogException.ResourcesExhaustedException) {
            LOG.atWarn()
                    .addKeyValue("partition", log.partition())
                    .log("A truncation is tried again: {}", failure.getMessage());
            waitsForTime = true;
            nextTryMs = nowMs + RETRY_MS;
            return false;
        }
        cut = null;
        return true;
    }

    /// Time passed: what found no room is tried again.
    void tick(long nowMs) {
        var work = cut;
        if (waitsForTime && nowMs >= nextTryMs && work != null) {
            waitsForTime = false;
            run(work);
        }
    }
}
