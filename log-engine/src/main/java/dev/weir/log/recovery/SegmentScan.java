// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.recovery;

import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.recovery.SegmentRecovery.Content;
import dev.weir.log.recovery.SegmentRecovery.SidecarState;
import dev.weir.log.segment.ScanWindow;
import dev.weir.log.segment.SegmentIdentity;
import dev.weir.log.segment.SegmentIndex;
import dev.weir.log.segment.SegmentIndex.Entry;
import dev.weir.log.segment.Sidecar;
import dev.weir.log.segment.SidecarContent;
import dev.weir.record.BatchCheck;
import dev.weir.record.RecordBatch;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Optional;

/// Reads one segment as a crash left it and states facts. Changes nothing.
///
/// Batches are read and checked from the last index entry below the recovery point on, and all of
/// them where the sidecar cannot be used. A segment that is durable and ended is not read at all:
/// finding rot in it is the scrub's and the readers' work.
///
/// **Threading:** one thread.
final class SegmentScan {

    static final String ZEROS = "zeros";

    private static final String NOT_READ = "not read";

    private final Request request;
    private final DiskFile file;
    private final ScanWindow window;
    private final @Nullable SidecarContent sidecar;
    private final SegmentIndex index;
    private SidecarState sidecarState;
    private LeaderEpochHistory epochs;
    private boolean sidecarConfirmed;
    private int nextEntry;
    private long expectedOffset;
    private long position;

    /// What to scan.
    ///
    /// @param log the batches
    /// @param identity whose they have to be; its nonce means nothing
    /// @param nextBaseOffset base of the segment above; `Long.MAX_VALUE` for none
    /// @param recoveryPoint offset below which everything had been durable
    /// @param epochs history of what lies below
    /// @param everything whether to read all of it
    /// @param indexIntervalBytes between entries of a new index
    record Request(
            Path log,
            Path sidecar,
            SegmentIdentity identity,
            long nextBaseOffset,
            long recoveryPoint,
            LeaderEpochHistory epochs,
            boolean everything,
            int indexIntervalBytes) {}

    /// What was found.
    ///
    /// @param sidecar what it is worth
    /// @param content what the batches are
    /// @param durable whether the first thing wrong lies below the recovery point
    /// @param end end of the valid batches
    /// @param index over the valid batches
    /// @param epochs history up to the end
    /// @param scannedBytes read and checked
    /// @param fileBytes size of the file
    /// @param usable the sidecar's content, if it can be used
    /// @param wasRead whether batches were read, so that `epochs` tells of them
    /// @param detail for people
    record Result(
            SidecarState sidecar,
            Content content,
            boolean durable,
            Entry end,
            SegmentIndex index,
            LeaderEpochHistory epochs,
            long scannedBytes,
            long fileBytes,
            Optional<SidecarContent> usable,
            boolean wasRead,
            String detail) {

        boolean isEmpty() {
            return end.position() == 0;
        }
    }

    private SegmentScan(
            Request request,
            DiskFile file,
            @Nullable SidecarContent sidecar,
            SidecarState sidecarState) {
        this.request = request;
        this.file = file;
        this.window = new ScanWindow(file, Math.min(file.sizeBytes(), Integer.MAX_VALUE));
        this.sidecar = sidecar;
        this.sidecarState = sidecarState;
        this.index =
                new SegmentIndex(request.identity().baseOffset(), request.indexIntervalBytes());
        this.epochs = request.epochs();
        this.expectedOffset = request.identity().baseOffset();
    }

    static Result scan(Disk disk, Request request) {
        Optional<SidecarContent> content = Optional.empty();
        SidecarState state;
        if (!disk.exists(request.sidecar())) {
            state = SidecarState.MISSING;
        } else {
            content = Sidecar.read(disk, request.sidecar());
            state = stateOf(content, request.identity());
        }
        var usable = state == SidecarState.OPEN || state == SidecarState.ENDED;
        try (var file = disk.open(request.log())) {
            var scan = new SegmentScan(request, file, usable ? content.orElse(null) : null, state);
            var result = scan.run();
            if (result.sidecar() == SidecarState.STALE && usable) {
                return new SegmentScan(request, file, null, SidecarState.STALE).run();
            }
            return result;
        }
    }

    private static SidecarState stateOf(
            Optional<SidecarContent> content, SegmentIdentity identity) {
        if (content.isEmpty()) {
            return SidecarState.UNREADABLE;
        }
        if (!content.get().identity().isSamePlace(identity)) {
            return SidecarState.FOREIGN;
        }
        return content.get().end() == null ? SidecarState.OPEN : SidecarState.ENDED;
    }

    private Result run() {
        if (sidecar == null) {
            epochs = epochs.truncateFromEnd(request.identity().baseOffset());
            return walk(null);
        }
        var end = sidecar.end();
        if (end != null && isTrusted(end)) {
            sidecar.entries().forEach(index::restore);
            index.restoreEnd(end);
            return result(Content.WHOLE, end.offset(), end.position(), NOT_READ);
        }
        skipTrustedEntries(sidecar);
        return walk(end);
    }

    private Result walk(@Nullable Entry end) {
        while (true) {
            var stop = step(end);
            if (stop != null) {
                return stop;
            }
        }
    }

    private boolean isTrusted(Entry end) {
        return !request.everything()
                && end.offset() <= request.recoveryPoint()
                && end.offset() <= request.nextBaseOffset()
                && end.position() <= file.sizeBytes();
    }

    /// Begins at the last entry at or below the recovery point, if the batch there is the one that
    /// the entry names.
    private void skipTrustedEntries(SidecarContent sidecar) {
        var below = epochs;
        epochs = below.truncateFromEnd(request.identity().baseOffset());
        if (request.everything()) {
            return;
        }
        var from = -1;
        for (var i = 0; i < sidecar.entries().size(); i++) {
            var entry = sidecar.entries().get(i);
            if (entry.offset() <= request.recoveryPoint()
                    && entry.offset() < request.nextBaseOffset()) {
                from = i;
            }
        }
        if (from < 0) {
            return;
        }
        var entry = sidecar.entries().get(from);
        if (entry.position() < file.sizeBytes()
                && window.batchAt(entry.position()) instanceof BatchCheck.Valid(var batch)
                && batch.baseOffset() == entry.offset()) {
            sidecar.entries().subList(0, from + 1).forEach(index::restore);
            epochs = below.truncateFromEnd(entry.offset());
            expectedOffset = entry.offset();
            position = entry.position();
            nextEntry = from + 1;
            sidecarConfirmed = true;
        }
    }

    /// One batch.
    ///
    /// @return the result, if the valid batches end here
    private @Nullable Result step(@Nullable Entry end) {
        if (end != null && position == end.position()) {
            return atProvedEnd(end);
        }
        if (position == file.sizeBytes()) {
            return atSilence(end, "end of file");
        }
        var check = window.batchAt(position);
        if (!(check instanceof BatchCheck.Valid(var batch))) {
            if (window.isZeroFrom(position)) {
                return atSilence(end, ZEROS);
            }
            if (end == null && expectedOffset == request.nextBaseOffset()) {
                // The log went on in the next segment: what lies here was refused, on a full disk.
                return result(Content.WHOLE, "what lies behind the end was never part of it");
            }
            var badCrc = check instanceof BatchCheck.Malformed(var field, _) && field.equals("crc");
            return result(badCrc ? Content.BAD_CRC : Content.TORN, check.toString());
        }
        if (batch.nextOffset() > request.nextBaseOffset()) {
            return result(Content.WHOLE, "what lies above the next base is not part of it");
        }
        if (batch.baseOffset() < expectedOffset) {
            return result(Content.OFFSET_FALLS, batch.toString());
        }
        if (batch.leaderEpoch() < epochs.latestEpoch().orElse(0)) {
            return result(Content.EPOCH_FALLS, batch.toString());
        }
        return take(batch, end);
    }

    private @Nullable Result take(RecordBatch batch, @Nullable Entry end) {
        var here = index.end(batch.baseOffset(), Math.toIntExact(position));
        if (!agrees(here) || (end != null && position + batch.sizeBytes() > end.position())) {
            return contradiction(batch.toString());
        }
        index.add(batch, Math.toIntExact(position));
        epochs = epochs.assign(batch.leaderEpoch(), batch.baseOffset());
        expectedOffset = batch.nextOffset();
        position += batch.sizeBytes();
        return null;
    }

    /// Whether the sidecar's next entry, if it is due, says what the batches say.
    private boolean agrees(Entry here) {
        if (sidecar == null || nextEntry == sidecar.entries().size()) {
            return true;
        }
        var entry = sidecar.entries().get(nextEntry);
        if (entry.position() > here.position()) {
            return true;
        }
        if (!entry.equals(here)) {
            return false;
        }
        nextEntry++;
        sidecarConfirmed = true;
        return true;
    }

    private Result atProvedEnd(Entry end) {
        var here = index.end(end.offset(), Math.toIntExact(position));
        if (!here.equals(end) || expectedOffset > end.offset()) {
            return contradiction("the proved end is " + end);
        }
        return result(Content.WHOLE, end.offset(), position, "");
    }

    /// A sidecar that agreed once is of this segment, so the batches are wrong; one that never did
    /// is of an earlier segment of this name.
    private Result contradiction(String detail) {
        if (!sidecarConfirmed && expectedOffset >= request.recoveryPoint()) {
            sidecarState = SidecarState.STALE;
        }
        return result(Content.NOT_AS_WRITTEN, detail);
    }

    private Result atSilence(@Nullable Entry end, String detail) {
        var last = request.nextBaseOffset() == Long.MAX_VALUE;
        var early = end != null || (last && expectedOffset < request.recoveryPoint());
        return result(early ? Content.ENDS_EARLY : Content.WHOLE, detail);
    }

    private Result result(Content content, String detail) {
        return result(content, expectedOffset, position, detail);
    }

    private Result result(Content content, long endOffset, long endPosition, String detail) {
        return new Result(
                sidecarState,
                content,
                endOffset < request.recoveryPoint(),
                index.end(endOffset, Math.toIntExact(endPosition)),
                index,
                epochs,
                window.bytesRead(),
                file.sizeBytes(),
                Optional.ofNullable(sidecar),
                !detail.equals(NOT_READ),
                detail);
    }
}
