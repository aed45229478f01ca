// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.ScanWindow;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;

import java.nio.ByteBuffer;
import java.util.List;

/// The appending part of a log, leader's and follower's, and the roll to another head.
///
/// **Threading:** the log's writer.
final class LogAppends {

    private final LogContents log;

    LogAppends(LogContents log) {
        this.log = log;
    }

    AppendResult append(List<ByteBuffer> batches, int leaderEpoch, long nowMs) {
        log.requireWritable();
        if (batches.isEmpty() || leaderEpoch < log.epochs.latestEpoch().orElse(0)) {
            throw new IllegalArgumentException(
                    "%d batches of epoch %d after %d"
                            .formatted(
                                    batches.size(),
                                    leaderEpoch,
                                    log.epochs.latestEpoch().orElse(-1)));
        }
        var next = log.endOffset;
        var bytes = 0;
        for (var buffer : batches) {
            var batch = RecordBatch.at(buffer, buffer.position());
            requireSize(batch, buffer.remaining());
            RecordBatch.stamp(buffer, buffer.position(), next, leaderEpoch);
            next = Math.addExact(next, batch.lastOffsetDelta() + 1L);
            bytes = Math.addExact(bytes, batch.sizeBytes());
        }
        return write(batches.toArray(ByteBuffer[]::new), bytes, next, nowMs);
    }

    AppendResult appendReplicated(List<ByteBuffer> pieces, long nowMs) {
        log.requireWritable();
        var next = log.endOffset;
        var epoch = log.epochs.latestEpoch().orElse(0);
        var bytes = 0;
        for (var piece : pieces) {
            for (var batch : RecordBatches.in(piece)) {
                if (batch.baseOffset() < next || batch.leaderEpoch() < epoch) {
                    throw new IllegalArgumentException(
                            batch + " does not follow offset " + next + " of epoch " + epoch);
                }
                requireSize(batch, batch.sizeBytes());
                next = batch.nextOffset();
                epoch = batch.leaderEpoch();
            }
            bytes = Math.addExact(bytes, piece.remaining());
        }
        if (next == log.endOffset) {
            throw new IllegalArgumentException("no batches");
        }
        return write(pieces.toArray(ByteBuffer[]::new), bytes, next, nowMs);
    }

    private static void requireSize(RecordBatch batch, int bytes) {
        if (batch.sizeBytes() != bytes || bytes > ScanWindow.BATCH_BYTES_MAX) {
            throw new IllegalArgumentException(batch + " in " + bytes + " bytes");
        }
    }

    private AppendResult write(ByteBuffer[] batches, int bytes, long end, long nowMs) {
        log.lastNowMs = nowMs;
        var rolled = roll(bytes, nowMs);
        var head = log.segments.last().orElseThrow();
        try {
            head.append(batches, bytes, end);
        } catch (LogException e) {
            if (!LogContents.isPassing(e)) {
                throw log.fail(e);
            }
            // Some of it may be there: nothing is ever written over it.
            head.seal(log.endOffset);
            throw e;
        }
        var base = -1L;
        var history = log.epochs;
        for (var buffer : batches) {
            for (var batch : RecordBatches.in(buffer)) {
                base = base < 0 ? batch.baseOffset() : base;
                history = history.assign(batch.leaderEpoch(), batch.baseOffset());
                LogOpening.remember(log.producers, batch, nowMs);
            }
        }
        log.epochs = history;
        log.endOffset = end;
        log.heads.prepareNext(head, log.config);
        return new AppendResult(base, end, bytes, rolled);
    }

    /// Makes sure that there is a head with room.
    private boolean roll(int bytes, long nowMs) {
        var last = log.segments.last().orElse(null);
        if (last != null && LogHeads.hasRoom(last, bytes, log.config, nowMs)) {
            return false;
        }
        try {
            if (last != null) {
                last.seal(log.endOffset);
                if (last.sizeBytes() == 0) {
                    // Left by a write that found the disk full; its base is taken again.
                    log.drop(last);
                } else {
                    log.addSnapshot();
                }
            }
            log.segments = log.segments.with(log.heads.create(log.endOffset, log.config, nowMs));
            return true;
        } catch (LogException e) {
            throw LogContents.isPassing(e) ? e : log.fail(e);
        }
    }
}
