// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.recovery;

import dev.weir.log.LogException;
import dev.weir.log.checkpoint.CheckpointFile;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.ScanWindow;
import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentIndex;
import dev.weir.log.segment.SegmentIndex.Entry;
import dev.weir.log.segment.Sidecar;
import dev.weir.record.BatchCheck;
import dev.weir.record.RecordBatch;

import java.nio.file.Path;
import java.util.List;

/// Makes durable what a segment holds above the recovery point, after an I/O error.
///
/// Pages that a flush could not write are clean to the system: they can be read, and another flush
/// of them does nothing and succeeds. So the batches are copied into a new file, which is synced,
/// gets a sidecar of its own, and then the name of a segment whose base is where the copy begins.
/// That renaming is the switch. Before it, what was made is a leftover that recovery removes, or a
/// sidecar that says of the old file what is so; after it, what the old file holds at and above
/// that base is no part of the log.
///
/// **Threading:** one thread, before the log exists.
final class FreshTail {

    private final PartitionFiles files;
    private final Disk disk;
    private final LogRecovery.Request request;

    FreshTail(PartitionFiles files, LogRecovery.Request request) {
        this.files = files;
        this.disk = files.context().disk();
        this.request = request;
    }

    /// Copies. Durable on return.
    ///
    /// @param scan of the segment; its end lies above the recovery point
    /// @return what the segment is now, lowest first: what lies below, if anything, and the copy,
    ///   if anything lies above
    List<Segment> copy(long baseOffset, SegmentScan.Result scan) {
        var path = files.log(baseOffset);
        var old = disk.open(path);
        var end = scan.end();
        var window = new ScanWindow(old, end.position());
        var below = new SegmentIndex(baseOffset, request.indexIntervalBytes());
        var cut = walkTo(window, below, scan);
        if (cut.position() == end.position()) {
            // No batch lies above, only the end itself.
            return List.of(segment(path, old, below, end));
        }
        var copied = copy(window, cut, end);
        if (cut.position() == 0) {
            old.close();
            return List.of(copied);
        }
        // Only now: had the old file lost its tail first, a crash would have lost it for good.
        return List.of(segment(path, old, below, cut), copied);
    }

    /// Fills the index of what lies below the recovery point.
    ///
    /// @return where the first batch begins that reaches above it. Its offset is where the batch
    ///   before ends, so that no gap arises
    private Entry walkTo(ScanWindow window, SegmentIndex below, SegmentScan.Result scan) {
        var view = scan.index().view();
        var point = request.recoveryPoint();
        var from = view.get(0);
        for (var i = 1; i + 1 < view.count() && view.get(i + 1).offset() <= point; i++) {
            // One earlier than it could be: where the batch before an entry ends, it does not say.
            from = view.get(i);
            below.restore(from);
        }
        var offset = from.offset();
        var position = from.position();
        while (position < scan.end().position()) {
            var batch = batch(window, position);
            if (batch.nextOffset() > point) {
                break;
            }
            below.add(batch, position);
            offset = batch.nextOffset();
            position += batch.sizeBytes();
        }
        return below.end(offset, position);
    }

    private Segment copy(ScanWindow window, Entry from, Entry end) {
        var base = from.offset();
        var path = files.log(base);
        var fresh = path.resolveSibling(path.getFileName() + CheckpointFile.TMP_SUFFIX);
        var index = new SegmentIndex(base, request.indexIntervalBytes());
        try (var file = disk.create(fresh)) {
            for (var position = from.position(); position < end.position(); ) {
                var batch = batch(window, position);
                var to = position - from.position();
                position += batch.sizeBytes();
                index.add(batch, to);
                file.write(to, batch.bytes());
            }
            file.flush();
        }
        var freshEnd = index.end(end.offset(), end.position() - from.position());
        var sidecar = sidecar(index, freshEnd);
        disk.rename(fresh, path);
        files.syncEntries(false);
        return Segment.recovered(
                files.context(),
                new Segment.SegmentFiles(path, disk.open(path), sidecar),
                index,
                freshEnd);
    }

    private Segment segment(Path path, DiskFile file, SegmentIndex index, Entry end) {
        var sidecar = sidecar(index, end);
        return Segment.recovered(
                files.context(), new Segment.SegmentFiles(path, file, sidecar), index, end);
    }

    private Sidecar sidecar(SegmentIndex index, Entry end) {
        var base = index.view().get(0).offset();
        return Sidecar.replace(
                disk, files.sidecar(base), files.identity(base), index.view().stored(), end);
    }

    private RecordBatch batch(ScanWindow window, int position) {
        return switch (window.batchAt(position)) {
            case BatchCheck.Valid(var batch) -> batch;
            case BatchCheck check ->
                    throw new LogException.CorruptLogException(
                            files.directory(),
                            position,
                            "the batch that was just read",
                            check + "");
        };
    }
}
