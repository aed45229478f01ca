// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.LogContents.Cut;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.segment.SegmentReader;

import java.util.List;

/// The part of a log that takes something away from its end: truncation by epoch, and a reset.
///
/// A cut that finds no room leaves the log unwritable, its end where the cut puts it, and may be
/// called again: each step finds done what an earlier call did.
///
/// **Threading:** the log's writer. Waits for the disk.
final class LogCuts {

    private final LogContents log;

    LogCuts(LogContents log) {
        this.log = log;
    }

    long truncateTo(long offset) {
        log.requireUsable();
        if (offset < log.startOffset) {
            throw new IllegalArgumentException(offset + " is below " + log.startOffset);
        }
        if (log.unfinished == Cut.RESET) {
            throw new IllegalStateException("a truncation in a reset");
        }
        if (offset >= log.endOffset && log.unfinished == Cut.NONE) {
            return log.endOffset;
        }
        try {
            truncate(Math.min(offset, log.endOffset), log.unfinished == Cut.TRUNCATION);
            log.unfinished = Cut.NONE;
            return log.endOffset;
        } catch (LogException e) {
            throw ended(e);
        }
    }

    private void truncate(long offset, boolean again) {
        log.unfinished = Cut.TRUNCATION;
        var all = log.segments.all();
        if (!all.isEmpty()) {
            var keeper = all.get(log.segments.floor(offset));
            var cut = SegmentReader.findCut(log.files.context(), keeper, offset);
            beginGeneration(cut.offset());
            while (log.segments.last().filter(s -> s.baseOffset() >= cut.offset()).isPresent()) {
                log.drop(log.segments.last().orElseThrow());
            }
            if (log.segments.last().filter(last -> last == keeper).isPresent()
                    && cut.offset() < keeper.endOffset()) {
                keeper.cut(cut);
            }
        }
        var end = log.endOffset;
        log.epochs = log.epochs.truncateFromEnd(end);
        if (again || log.producers.truncateTo(end) == ProducerStates.Truncation.REBUILD_NEEDED) {
            log.producers =
                    LogOpening.rebuild(
                            log.files, log.segments.all(), log.startOffset, end, log.lastNowMs);
        }
        log.files.deleteProducersAbove(end);
        log.stateFiles.write(log.generation, log.epochs, List.of());
        log.files.syncEntries(log.heads.isDirectoryNew());
    }

    void resetTo(long startOffset, LeaderEpochHistory history, ProducerStates states) {
        log.requireUsable();
        if (states.mapEndOffset() != startOffset
                || !history.truncateFromEnd(startOffset + 1).equals(history)) {
            throw new IllegalArgumentException("state of another offset than " + startOffset);
        }
        try {
            reset(startOffset, history, states);
            log.unfinished = Cut.NONE;
        } catch (LogException e) {
            throw ended(e);
        }
    }

    private void reset(long startOffset, LeaderEpochHistory history, ProducerStates states) {
        log.unfinished = Cut.RESET;
        beginGeneration(0);
        while (!log.segments.all().isEmpty()) {
            log.drop(log.segments.last().orElseThrow());
        }
        log.heads.ensureDirectory();
        log.files.deleteProducersAbove(-1);
        log.epochs = history;
        log.producers = states;
        var encoded = states.encodeSnapshot();
        log.startProducers = encoded;
        log.stateFiles.write(
                log.generation, history, List.of(new StateFiles.Snapshot(startOffset, encoded)));
        log.files.writeLogStart(startOffset);
        log.files.syncEntries(true);
        log.startOffset = startOffset;
        log.endOffset = startOffset;
        log.durableEndOffset = startOffset;
    }

    private LogException ended(LogException e) {
        return LogContents.isPassing(e) ? e : log.fail(e);
    }

    /// From here on no flush that was begun before proves anything.
    private void beginGeneration(long newEndOffset) {
        log.generation++;
        log.inFlight = null;
        log.snapshots = log.snapshots.stream().filter(one -> one.offset() <= newEndOffset).toList();
        log.stateFiles.begin(log.generation);
        log.endOffset = Math.min(log.endOffset, newEndOffset);
        log.durableEndOffset = Math.min(log.durableEndOffset, newEndOffset);
        log.directory.lowerRecoveryPoint(log.partition, newEndOffset);
    }
}
