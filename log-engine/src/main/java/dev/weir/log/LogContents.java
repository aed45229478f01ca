// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.Segment;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a log is at the moment: shared by the parts of [PartitionLog] that read and change it.
///
/// **Threading:** the volatile fields are read by any thread and written by the log's writer, the
/// others are the writer's own.
final class LogContents {

    final LogDirectory directory;
    final PartitionId partition;
    final PartitionFiles files;
    final StateFiles stateFiles;
    final LogHeads heads;

    // Published: the list before the end that needs it.
    volatile SegmentList segments;
    volatile long startOffset;
    volatile long endOffset;
    volatile long durableEndOffset;
    volatile LeaderEpochHistory epochs;
    volatile @Nullable LogException failure;
    volatile boolean closed;

    LogConfig config;
    ProducerStates producers;
    long lastNowMs;

    /// Encoded producer states at the start: what a reset brought, or what none would be.
    byte[] startProducers;

    /// Truncations and resets so far.
    long generation;

    @Nullable LogFlush inFlight;
    List<StateFiles.Snapshot> snapshots = List.of();

    /// What found no room half-way: nothing else is taken before it was carried out.
    Cut unfinished = Cut.NONE;

    enum Cut {
        NONE,
        TRUNCATION,
        RESET
    }

    LogContents(
            LogDirectory directory, PartitionId partition, LogOpening opening, LogConfig config) {
        var outcome = opening.outcome();
        this.directory = directory;
        this.partition = partition;
        this.files = opening.files();
        this.config = config;
        this.segments = new SegmentList(outcome.segments());
        this.startOffset = outcome.logStartOffset();
        this.endOffset = outcome.logEndOffset();
        this.durableEndOffset = outcome.logEndOffset();
        this.epochs = outcome.epochs();
        this.producers = opening.producers();
        this.lastNowMs = opening.nowMs();
        this.startProducers = opening.startProducers().encodeSnapshot();
        this.stateFiles = new StateFiles(files, epochs, () -> startOffset);
        this.heads = new LogHeads(files, directory.config());
    }

    void requireWritable() {
        requireUsable();
        if (unfinished != Cut.NONE) {
            throw new IllegalStateException("not finished: " + unfinished);
        }
    }

    /// As [#requireWritable], for what finishes an unfinished cut.
    void requireUsable() {
        if (closed) {
            throw new LogException.LogClosedException(files.directory());
        }
        var first = failure;
        if (first != null) {
            throw new LogException.DiskFailedException(files.directory(), "append", first);
        }
    }

    /// Ends the log. The first failure stays the one that is told.
    LogException fail(LogException e) {
        var first = failure;
        if (first == null) {
            failure = e;
            return e;
        }
        return first;
    }

    /// Whether a failure leaves the log as it was: more room, and the same call may succeed.
    static boolean isPassing(LogException e) {
        return e instanceof LogException.DiskFullException
                || e instanceof LogException.ResourcesExhaustedException;
    }

    /// Remembers the producer states at the end, for the next flush to write.
    void addSnapshot() {
        var next = new ArrayList<>(snapshots);
        next.removeIf(snapshot -> snapshot.offset() == endOffset);
        next.add(new StateFiles.Snapshot(endOffset, producers.encodeSnapshot()));
        snapshots = List.copyOf(next);
    }

    /// Takes the last segment out of the log.
    void drop(Segment segment) {
        var gone = files.renameAway(segment.baseOffset());
        segments = segments.withoutLast();
        segment.leave(Optional.of(gone));
    }
}
