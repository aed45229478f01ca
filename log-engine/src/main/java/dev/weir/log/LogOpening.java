// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.producer.ProducerBatch;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.recovery.LogRecovery;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentReader;
import dev.weir.record.RecordBatch;

import java.util.List;
import java.util.Optional;

/// What opening a log yields: recovered segments, and producer states replayed over them.
///
/// @param files the partition's
/// @param outcome of recovery
/// @param producers states at the log end
/// @param startProducers states at the log start
/// @param nowMs when
/// @param report for the caller
record LogOpening(
        PartitionFiles files,
        LogRecovery.Outcome outcome,
        ProducerStates producers,
        ProducerStates startProducers,
        long nowMs,
        RecoveryReport report) {

    static LogOpening open(PartitionFiles files, LogRecovery.Request request, long nowMs) {
        var outcome = LogRecovery.recover(files, request);
        try {
            return open(files, outcome, request, nowMs);
        } catch (RuntimeException | Error e) {
            outcome.segments().forEach(segment -> segment.leave(Optional.empty()));
            throw e;
        }
    }

    private static LogOpening open(
            PartitionFiles files,
            LogRecovery.Outcome outcome,
            LogRecovery.Request request,
            long nowMs) {
        var producers =
                rebuild(
                        files,
                        outcome.segments(),
                        outcome.logStartOffset(),
                        outcome.logEndOffset(),
                        nowMs);
        var report =
                new RecoveryReport(
                        outcome.logStartOffset(),
                        outcome.logEndOffset(),
                        request.recoveryPoint(),
                        outcome.scannedBytes(),
                        outcome.findings());
        return new LogOpening(
                files,
                outcome,
                producers,
                statesAt(files, outcome.logStartOffset()),
                nowMs,
                report);
    }

    /// The producer states at an end, from the newest snapshot below it and the batches above that.
    static ProducerStates rebuild(
            PartitionFiles files,
            List<Segment> segments,
            long logStartOffset,
            long endOffset,
            long nowMs) {
        var max = ProducerStates.PRODUCERS_MAX_DEFAULT;
        var states = new ProducerStates(max, logStartOffset);
        if (files.exists()) {
            for (var at : files.producerSnapshots().reversed()) {
                var snapshot =
                        at <= endOffset && at >= logStartOffset
                                ? files.readProducers(at, max)
                                : Optional.<ProducerStates>empty();
                if (snapshot.isPresent()) {
                    states = snapshot.get();
                    break;
                }
            }
        }
        var from = states.mapEndOffset();
        var result = states;
        for (var segment : segments) {
            if (segment.endOffset() > from) {
                SegmentReader.forEachHeader(
                        files.context(),
                        segment,
                        from,
                        endOffset,
                        batch -> remember(result, batch, nowMs));
            }
        }
        result.advanceTo(Math.max(result.mapEndOffset(), endOffset));
        return result;
    }

    /// As they came with a reset; none where the log never was reset.
    private static ProducerStates statesAt(PartitionFiles files, long logStartOffset) {
        var max = ProducerStates.PRODUCERS_MAX_DEFAULT;
        var stored =
                logStartOffset > 0 && files.exists()
                        ? files.readProducers(logStartOffset, max)
                        : Optional.<ProducerStates>empty();
        return stored.orElseGet(() -> new ProducerStates(max, logStartOffset));
    }

    /// Tells the producer states of a batch that is in the log.
    static void remember(ProducerStates producers, RecordBatch batch, long nowMs) {
        if (batch.hasProducerId() && !batch.isControl()) {
            producers.append(
                    batch.producerId(),
                    batch.producerEpoch(),
                    new ProducerBatch(
                            batch.baseSequence(),
                            batch.lastSequence(),
                            batch.baseOffset(),
                            batch.lastOffset(),
                            batch.maxTimestampMs()),
                    nowMs);
        } else {
            producers.advanceTo(batch.nextOffset());
        }
    }
}
