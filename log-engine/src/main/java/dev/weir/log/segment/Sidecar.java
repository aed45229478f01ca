// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.segment.SegmentIndex.Entry;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The open sidecar of a segment. Layout: [SidecarContent].
///
/// **Threading:** any thread; a flush writes entries while the log's writer may cut.
public final class Sidecar implements AutoCloseable {

    private final Disk disk;
    private final Path path;
    private final SegmentIdentity identity;
    private final ReentrantLock lock = new ReentrantLock();
    // Opened when needed: most sealed segments' sidecars are only read once.
    private @Nullable DiskFile file;
    private int entriesWritten;
    private boolean ended;
    private boolean left; // guarded by lock

    private Sidecar(Disk disk, Path path, SegmentIdentity identity, @Nullable DiskFile file) {
        this.disk = disk;
        this.path = path;
        this.identity = identity;
        this.file = file;
    }

    /// Makes a new sidecar that holds its header. Not durable on return. When it throws, no file of
    /// this name is left that a later call would meet.
    public static Sidecar create(Disk disk, Path path, SegmentIdentity identity) {
        var file = disk.create(path);
        try {
            file.write(0, SidecarContent.encodeHeader(identity));
        } catch (LogException e) {
            file.close();
            if (e instanceof LogException.DiskFullException
                    || e instanceof LogException.ResourcesExhaustedException) {
                disk.delete(path);
            }
            throw e;
        }
        return new Sidecar(disk, path, identity, file);
    }

    /// One whose content was read, to be appended to.
    ///
    /// @param content whole: behind it nothing may lie, because no position is written twice
    public static Sidecar of(Disk disk, Path path, SidecarContent content) {
        if (!content.isWhole()) {
            throw new IllegalArgumentException("damaged: " + path);
        }
        var sidecar = new Sidecar(disk, path, content.identity(), null);
        sidecar.entriesWritten = content.entries().size();
        sidecar.ended = content.end() != null;
        return sidecar;
    }

    /// Reads a sidecar.
    ///
    /// @return empty if its header is damaged
    public static Optional<SidecarContent> read(Disk disk, Path path) {
        try (var file = disk.open(path)) {
            var bytes =
                    ByteBuffer.allocate((int) Math.min(file.sizeBytes(), SidecarContent.SIZE_MAX));
            file.read(0, bytes);
            return SidecarContent.decode(bytes.flip());
        }
    }

    /// Whose segment it belongs to.
    public SegmentIdentity identity() {
        return identity;
    }

    /// Writes those entries of a view that are not written yet. Not durable on return.
    public void writeEntries(SegmentIndex.View view) {
        lock.lock();
        try {
            // The view's first entry is the beginning, which is in the header.
            var pending = view.count() - 1 - entriesWritten;
            if (ended || pending <= 0) {
                return;
            }
            var bytes = ByteBuffer.allocate(pending * SidecarContent.RECORD_BYTES);
            for (var i = entriesWritten + 1; i < view.count(); i++) {
                SidecarContent.encodeRecord(
                        bytes, SidecarContent.ENTRY, view.get(i), identity.nonce());
            }
            append(bytes.flip());
            entriesWritten += pending;
        } finally {
            lock.unlock();
        }
    }

    /// How many entries of a view are not written yet.
    public int pendingEntries(SegmentIndex.View view) {
        lock.lock();
        try {
            return ended ? 0 : view.count() - 1 - entriesWritten;
        } finally {
            lock.unlock();
        }
    }

    /// Writes that the segment is whole and ends here. Not durable on return.
    public void seal(Entry end) {
        end(SidecarContent.SEALED, end);
    }

    /// Writes that only the batches up to here are valid. Not durable on return.
    public void cut(Entry end) {
        end(SidecarContent.CUT, end);
    }

    private void end(int kind, Entry end) {
        lock.lock();
        try {
            if (ended && kind == SidecarContent.SEALED) {
                return; // A cut that came first says more.
            }
            var bytes = ByteBuffer.allocate(SidecarContent.RECORD_BYTES);
            SidecarContent.encodeRecord(bytes, kind, end, identity.nonce());
            append(bytes.flip());
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /// On return all that was written before is on stable storage.
    public void flush() {
        openFile().ifPresent(DiskFile::flush);
    }

    /// Closes the file, which must be flushed. A later write opens it again.
    @Override
    public void close() {
        lock.lock();
        try {
            if (file != null) {
                file.close();
                file = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Says that the segment is no longer part of the log. A flush that was begun before may still
    /// come: it must not open the file again, because the name may be another segment's by then.
    public void leave() {
        lock.lock();
        try {
            left = true;
        } finally {
            lock.unlock();
        }
    }

    private Optional<DiskFile> openFile() {
        lock.lock();
        try {
            if (file == null && !left) {
                file = disk.open(path);
            }
            return Optional.ofNullable(file);
        } finally {
            lock.unlock();
        }
    }

    private void append(ByteBuffer bytes) {
        openFile().ifPresent(target -> target.write(target.sizeBytes(), bytes));
    }

    /// Writes a whole new sidecar over whatever is there. Durable, name included, on return.
    ///
    /// @param entries rising
    public static Sidecar replace(
            Disk disk, Path path, SegmentIdentity identity, List<Entry> entries, Entry end) {
        var tmp = path.resolveSibling(path.getFileName() + ".tmp");
        if (disk.exists(tmp)) {
            disk.delete(tmp);
        }
        try (var sidecar = create(disk, tmp, identity)) {
            var bytes = ByteBuffer.allocate((entries.size() + 1) * SidecarContent.RECORD_BYTES);
            for (var entry : entries) {
                SidecarContent.encodeRecord(bytes, SidecarContent.ENTRY, entry, identity.nonce());
            }
            SidecarContent.encodeRecord(bytes, SidecarContent.SEALED, end, identity.nonce());
            sidecar.append(bytes.flip());
            sidecar.flush();
        }
        disk.rename(tmp, path);
        disk.syncDirectory(Objects.requireNonNull(path.getParent()));
        var replaced = new Sidecar(disk, path, identity, null);
        replaced.entriesWritten = entries.size();
        replaced.ended = true;
        return replaced;
    }
}
