// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.disk.DiskFile;
import dev.weir.record.RecordBatches;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// One file of batches in offset order, from its base offset on: a head that is appended to, or
/// sealed for good.
///
/// **Invariant:** no byte position is written twice in its life. A sealed segment is never written
/// again; only space that was never written is trimmed from it.
///
/// **Threading:** one writer, the log's. Readers use what is volatile and hold a reference while
/// they use the file.
public final class Segment {

    private final SegmentContext context;
    private final SegmentIdentity identity;
    private final Path path;
    private final DiskFile file;
    private final Sidecar sidecar;
    private final SegmentIndex index;
    private final long createdMs;
    private final AtomicInteger references = new AtomicInteger(1);
    private final SegmentMapping mapping;

    // Published to readers.
    private volatile int sizeBytes;
    private volatile long endOffset;
    private volatile boolean sealed;
    private volatile long maxTimestampMs = -1;
    private volatile boolean doomed;
    private volatile Path currentPath;

    // The writer's own.
    private @Nullable HeadSpace space;
    private long writtenBytes;
    private int flushedBytes;
    private boolean sidecarDirty = true;
    private boolean entryDirty = true;

    private Segment(
            SegmentContext context,
            SegmentFiles files,
            SegmentIndex index,
            long createdMs,
            boolean sealed) {
        this.context = context;
        this.identity = files.sidecar().identity();
        this.path = files.path();
        this.currentPath = path;
        this.file = files.file();
        this.sidecar = files.sidecar();
        this.index = index;
        this.createdMs = createdMs;
        this.mapping = new SegmentMapping(this, context);
        this.sealed = sealed;
        this.endOffset = identity.baseOffset();
    }

    /// The two open files of a segment.
    ///
    /// @param path of the batches
    /// @param file the batches
    /// @param sidecar the rest
    public record SegmentFiles(Path path, DiskFile file, Sidecar sidecar) {}

    /// A new, empty head. Nothing of it is durable: neither bytes nor directory entries.
    ///
    /// @param preparedBytes zeros that the file holds already and that the space budget counts
    /// @param options how it grows
    public static Segment head(
            SegmentContext context,
            SegmentFiles files,
            HeadOptions options,
            long preparedBytes,
            long nowMs) {
        var index =
                new SegmentIndex(
                        files.sidecar().identity().baseOffset(), options.indexIntervalBytes());
        var segment = new Segment(context, files, index, nowMs, false);
        var space =
                new HeadSpace(
                        files.file(),
                        options.segmentBytes(),
                        new HeadSpace.Steps(options.firstStepBytes(), options.lastStepBytes()),
                        context.space(),
                        context.background(),
                        segment.mapping::refresh);
        space.adopt(preparedBytes);
        segment.space = space;
        if (preparedBytes > 0) {
            segment.inBackground(segment.mapping::refresh);
        }
        return segment;
    }

    /// How a head grows.
    ///
    /// @param segmentBytes where it rolls
    /// @param indexIntervalBytes between index entries
    /// @param firstStepBytes next step of prepared space
    /// @param lastStepBytes largest step
    public record HeadOptions(
            int segmentBytes, int indexIntervalBytes, int firstStepBytes, int lastStepBytes) {}

    /// A segment that recovery accepted: sealed, flushed, its entries durable.
    ///
    /// @param end the end that recovery established
    public static Segment recovered(
            SegmentContext context,
            SegmentFiles files,
            SegmentIndex index,
            SegmentIndex.Entry end) {
        var segment = new Segment(context, files, index, 0, true);
        segment.sizeBytes = end.position();
        segment.writtenBytes = files.file().sizeBytes();
        segment.flushedBytes = end.position();
        segment.endOffset = end.offset();
        segment.maxTimestampMs = end.maxTimestampMs();
        segment.sidecarDirty = false;
        segment.entryDirty = false;
        return segment;
    }

    /// First offset it may hold.
    public long baseOffset() {
        return identity.baseOffset();
    }

    /// Whose it is.
    public SegmentIdentity identity() {
        return identity;
    }

    /// Name of the file of batches when it was made.
    public Path path() {
        return path;
    }

    /// The file of batches; only while a reference is held.
    public DiskFile file() {
        return file;
    }

    /// Its sidecar; only while a reference is held.
    public Sidecar sidecar() {
        return sidecar;
    }

    /// Its index.
    public SegmentIndex index() {
        return index;
    }

    /// Length of its batches in bytes.
    public int sizeBytes() {
        return sizeBytes;
    }

    /// Exclusive end of its offsets.
    public long endOffset() {
        return endOffset;
    }

    /// Largest timestamp of its batches; -1 for none.
    public long maxTimestampMs() {
        return maxTimestampMs;
    }

    /// Whether it takes no more appends.
    public boolean isSealed() {
        return sealed;
    }

    /// When its first append came, in wall time.
    public long createdMs() {
        return createdMs;
    }

    /// Writes batches behind the end with one gathering write, and publishes them.
    ///
    /// When it throws, nothing is published, and what the file holds behind the end is undefined:
    /// the segment must be sealed.
    ///
    /// @param batches whole batches, stamped, one or more a buffer; positions and limits stay
    /// @param bytes of all of them
    /// @param newEndOffset the segment's end with them
    public void append(ByteBuffer[] batches, int bytes, long newEndOffset) {
        if (sealed) {
            throw new IllegalStateException("append to sealed segment " + path);
        }
        var position = sizeBytes;
        var newSize = Math.addExact(position, bytes);
        var headSpace = space();
        headSpace.beforeWrite(newSize);
        writtenBytes = newSize;
        var sources = new ByteBuffer[batches.length];
        for (var i = 0; i < sources.length; i++) {
            sources[i] = batches[i].duplicate();
        }
        file.write(position, sources);
        var at = position;
        for (var batch : batches) {
            for (var view : RecordBatches.in(batch)) {
                index.add(view, at);
                at += view.sizeBytes();
            }
        }
        maxTimestampMs = index.maxTimestampMs();
        sizeBytes = newSize;
        endOffset = newEndOffset;
        headSpace.afterWrite(bytes, newSize);
    }

    /// Takes no more appends. Space that was never written is trimmed in the background.
    ///
    /// @param end exclusive end of its offsets: where the next segment begins
    public void seal(long end) {
        if (sealed) {
            return;
        }
        sealed = true;
        endOffset = end;
        sidecarDirty = true;
        space().stop();
        inBackground(mapping::refreshAndTrim);
    }

    /// Keeps only the batches below a cut, for good, and seals. Durable on return, but for the
    /// batches themselves.
    ///
    /// @param cut where the first dropped batch begins, from [SegmentReader#findCut]
    public void cut(SegmentIndex.Entry cut) {
        if (!sealed) {
            sealed = true;
            space().stop();
        }
        index.truncateTo(cut);
        sidecar.writeEntries(index.view());
        sidecar.cut(cut);
        sidecar.flush();
        sidecarDirty = false;
        sizeBytes = cut.position();
        flushedBytes = Math.min(flushedBytes, sizeBytes);
        endOffset = cut.offset();
        maxTimestampMs = cut.maxTimestampMs();
        inBackground(mapping::refreshAndTrim);
    }

    /// The size of the next step of prepared space.
    public int nextStepBytes(int otherwise) {
        var headSpace = space;
        return headSpace == null ? otherwise : headSpace.stepBytes();
    }

    // Flushing: the writer captures, a flush thread works, the writer takes note.

    /// Whether a flush has something to do here.
    public boolean isDirty() {
        return flushedBytes < sizeBytes || sidecarDirty || entryDirty;
    }

    /// Bytes of batches not yet proved durable.
    public int unflushedBytes() {
        return sizeBytes - flushedBytes;
    }

    /// What a flush that begins now covers. Holds a reference: the file is not closed before.
    public FlushPart beginFlush() {
        if (!tryRetain()) {
            throw new IllegalStateException("flush of a segment that is gone: " + path);
        }
        return new FlushPart(
                this,
                index.end(endOffset, sizeBytes),
                index.view(),
                sealed,
                unflushedBytes(),
                sidecarDirty,
                entryDirty);
    }

    /// Takes note of a flush that succeeded, unless the log was cut since.
    public void flushed(FlushPart part) {
        flushedBytes = Math.max(flushedBytes, part.end().position());
        entryDirty = false;
        if (part.sealed() == sealed) {
            sidecarDirty = false;
        }
        if (sealed && !isDirty()) {
            inBackground(mapping::trim);
        }
    }

    // References: the log's own one, and one for every reader, flush and background task.

    /// Adds a reference, unless the last one has gone.
    public boolean tryRetain() {
        for (var count = references.get(); count > 0; count = references.get()) {
            if (references.compareAndSet(count, count + 1)) {
                return true;
            }
        }
        return false;
    }

    /// Takes a reference away. After the last one the files are closed, and deleted if doomed.
    public void release() {
        var left = references.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than retained: " + path);
        }
        if (left == 0) {
            inBackground(this::closeFiles);
        }
    }

    /// Gives up the log's own reference. The bytes stay for readers that hold one.
    ///
    /// @param renamedTo where the file of batches is now, if it is to be deleted in time
    public void leave(Optional<Path> renamedTo) {
        if (!sealed) {
            sealed = true;
            space().stop();
        }
        renamedTo.ifPresent(
                goneTo -> {
                    currentPath = goneTo;
                    doomed = true;
                });
        sidecar.leave();
        mapping.leave();
        release();
    }

    private void closeFiles() {
        if (!doomed) {
            mapping.trimHeld();
        }
        file.close();
        sidecar.close();
        if (doomed) {
            try {
                context.disk().delete(currentPath);
            } catch (LogException _) {
                // The next opening finds it by its name.
            }
        }
    }

    /// What of it is mapped.
    SegmentMapping mapping() {
        return mapping;
    }

    /// How far it was ever written: above that lie zeros. Does not change once it is sealed.
    long writtenBytes() {
        return writtenBytes;
    }

    private void inBackground(Runnable task) {
        try {
            context.background().execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // The directory is closing: nobody else will.
        }
    }

    private HeadSpace space() {
        var headSpace = space;
        if (headSpace == null) {
            throw new IllegalStateException("not a head: " + path);
        }
        return headSpace;
    }

    @Override
    public String toString() {
        return "Segment["
                + path.getFileName()
                + ", end "
                + endOffset
                + ", bytes "
                + sizeBytes
                + "]";
    }
}
