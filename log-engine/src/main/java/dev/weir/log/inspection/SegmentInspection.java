// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.inspection;

import dev.weir.log.PartitionId;
import dev.weir.log.disk.Disk;
import dev.weir.log.segment.BatchChain;
import dev.weir.log.segment.ScanWindow;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.segment.SegmentIndex.Entry;
import dev.weir.log.segment.Sidecar;
import dev.weir.log.segment.SidecarContent;
import dev.weir.record.BatchCheck;
import dev.weir.record.RecordBatch;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/// Walks one segment.
final class SegmentInspection {

    private final Disk disk;
    private final Path directory;
    private final Path file;
    private final long baseOffset;
    private final long nextBaseOffset;
    private final InspectionVisitor visitor;
    private final BatchChain batchChain = new BatchChain();
    private @Nullable SidecarContent sidecar;
    private int nextEntry;
    private int chain;
    private long maxTimestampMs = -1;
    private long expectedOffset;
    private int leaderEpoch;
    private long position;

    /// Where a segment ended.
    ///
    /// @param offset exclusive; -1 before the first segment
    /// @param leaderEpoch of its last batch
    record End(long offset, int leaderEpoch) {

        static End none() {
            return new End(-1, 0);
        }
    }

    SegmentInspection(
            Disk disk,
            Path directory,
            long baseOffset,
            long nextBaseOffset,
            InspectionVisitor visitor) {
        this.disk = disk;
        this.directory = directory;
        this.file = directory.resolve(SegmentFileName.of(baseOffset, SegmentFileName.LOG));
        this.baseOffset = baseOffset;
        this.nextBaseOffset = nextBaseOffset;
        this.visitor = visitor;
    }

    End run(End below) {
        leaderEpoch = below.leaderEpoch();
        expectedOffset = baseOffset;
        var state = readSidecar();
        visitor.segment(file, baseOffset, state);
        if (below.offset() >= 0 && below.offset() != baseOffset) {
            visitor.problem(
                    file,
                    0,
                    "begins at " + baseOffset + ", the one below ends at " + below.offset());
        }
        try (var log = disk.open(file)) {
            var window = new ScanWindow(log, log.sizeBytes());
            walk(window, log.sizeBytes());
        }
        return new End(expectedOffset, leaderEpoch);
    }

    private String readSidecar() {
        var path = directory.resolve(SegmentFileName.of(baseOffset, SegmentFileName.SIDECAR));
        if (!disk.exists(path)) {
            visitor.problem(file, 0, "has no sidecar");
            return "no sidecar";
        }
        var content = Sidecar.read(disk, path);
        if (content.isEmpty()) {
            visitor.problem(path, 0, "is damaged");
            return "sidecar damaged";
        }
        var identity = content.get().identity();
        var name = new PartitionId(identity.topicId(), identity.partition()).directoryName();
        // Absolute: a relative path may be "." and say nothing.
        var here = directory.toAbsolutePath().normalize().getFileName();
        if (!name.equals(String.valueOf(here)) || identity.baseOffset() != baseOffset) {
            visitor.problem(path, 0, "belongs to " + name + " at " + identity.baseOffset());
            return "sidecar of another segment";
        }
        sidecar = content.get();
        if (!sidecar.isWhole()) {
            visitor.problem(path, 0, "is damaged or torn behind what it says first");
        }
        return end() == null ? "open" : "ended at " + end().offset();
    }

    private @Nullable Entry end() {
        return sidecar == null ? null : sidecar.end();
    }

    private void walk(ScanWindow window, long sizeBytes) {
        var end = end();
        while (position < sizeBytes && (end == null || position < end.position())) {
            var check = window.batchAt(position);
            if (!(check instanceof BatchCheck.Valid(var batch))) {
                stopAt(window, sizeBytes, check);
                return;
            }
            if (batch.nextOffset() > nextBaseOffset) {
                visitor.note(
                        file, position, "bytes above the next segment's base are no part of it");
                return;
            }
            take(batch);
        }
        checkEnd(sizeBytes);
    }

    private void stopAt(ScanWindow window, long sizeBytes, BatchCheck check) {
        if (!window.isZeroFrom(position)) {
            visitor.problem(file, position, reason(check));
        } else if (end() != null) {
            visitor.problem(file, position, "ends early: the sidecar says " + end());
        } else {
            visitor.note(file, position, (sizeBytes - position) + " bytes not written yet");
        }
    }

    private static String reason(BatchCheck check) {
        return switch (check) {
            case BatchCheck.Malformed(var field, var reason) -> field + ": " + reason;
            case BatchCheck.TooLarge(var size, var limit) ->
                    "a batch of " + size + " bytes, above " + limit;
            case BatchCheck.Valid(var batch) -> batch.toString();
        };
    }

    private void checkEnd(long sizeBytes) {
        var end = end();
        if (end == null) {
            return;
        }
        if (position != end.position() || chain != end.chain() || expectedOffset > end.offset()) {
            visitor.problem(
                    file, position, "ends at " + expectedOffset + ": the sidecar says " + end);
        }
        expectedOffset = Math.max(expectedOffset, end.offset());
        if (sizeBytes > position) {
            visitor.note(file, position, (sizeBytes - position) + " bytes above the end");
        }
    }

    private void take(RecordBatch batch) {
        if (batch.baseOffset() < expectedOffset) {
            visitor.problem(file, position, "offset falls below " + expectedOffset + ": " + batch);
        }
        if (batch.leaderEpoch() < leaderEpoch) {
            visitor.problem(file, position, "epoch falls below " + leaderEpoch + ": " + batch);
        }
        compareWithEntry(batch);
        visitor.batch(InspectedBatch.of(file, position, batch), batch);
        chain = batchChain.next(chain, batch);
        maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
        expectedOffset = batch.nextOffset();
        leaderEpoch = batch.leaderEpoch();
        position += batch.sizeBytes();
    }

    private void compareWithEntry(RecordBatch batch) {
        if (sidecar == null || nextEntry == sidecar.entries().size()) {
            return;
        }
        var entry = sidecar.entries().get(nextEntry);
        if (entry.position() > position) {
            return;
        }
        nextEntry++;
        var here = new Entry(batch.baseOffset(), Math.toIntExact(position), maxTimestampMs, chain);
        if (!entry.equals(here)) {
            visitor.problem(file, position, "is not as written: " + here + ", sidecar " + entry);
        }
    }
}
