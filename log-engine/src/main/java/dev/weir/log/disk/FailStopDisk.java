// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import dev.weir.log.LogException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One log directory's disk, which stops at its first I/O error.
///
/// After the first [LogException.DiskFailedException] of any file or directory behind this
/// instance, every call that could make or prove something durable throws, for good: a flush that
/// succeeds after one that failed proves nothing, because the system marked the lost pages clean.
/// Reads, listings and mappings go on. A full disk, a missing file or a lack of file descriptors or
/// memory stops nothing.
///
/// Flushes of one file take turns, so that an error that the system reports once cannot reach one
/// of two callers while the other hears success.
///
/// **Threading:** any thread.
public final class FailStopDisk implements Disk {

    private final Disk disk;
    private final Consumer<LogException.DiskFailedException> onFailure;
    private final AtomicReference<LogException.@Nullable DiskFailedException> failure =
            new AtomicReference<>();

    /// @param disk what does the work
    /// @param onFailure told of the first failure, once, by the thread that met it; must not block
    public FailStopDisk(Disk disk, Consumer<LogException.DiskFailedException> onFailure) {
        this.disk = disk;
        this.onFailure = onFailure;
    }

    /// The failure that stopped this disk.
    public Optional<LogException.DiskFailedException> failure() {
        return Optional.ofNullable(failure.get());
    }

    @Override
    public DiskFile create(Path file) {
        return new FailStopFile(changing(file, "create", () -> disk.create(file)));
    }

    @Override
    public DiskFile open(Path file) {
        return new FailStopFile(reading(() -> disk.open(file)));
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return disk.isDirectory(path);
    }

    @Override
    public List<Path> list(Path directory) {
        return reading(() -> disk.list(directory));
    }

    @Override
    public void createDirectories(Path directory) {
        changing(directory, "createDirectories", () -> disk.createDirectories(directory));
    }

    @Override
    public void rename(Path from, Path to) {
        changing(from, "rename", () -> disk.rename(from, to));
    }

    @Override
    public void delete(Path path) {
        changing(path, "delete", () -> disk.delete(path));
    }

    @Override
    public void syncDirectory(Path directory) {
        changing(directory, "syncDirectory", () -> disk.syncDirectory(directory));
    }

    @Override
    public long usableBytes(Path directory) {
        return reading(() -> disk.usableBytes(directory));
    }

    @Override
    public Lock lock(Path directory) {
        return changing(directory, "lock", () -> disk.lock(directory));
    }

    private <T> T reading(Supplier<T> call) {
        try {
            return call.get();
        } catch (LogException.DiskFailedException e) {
            if (failure.compareAndSet(null, e)) {
                onFailure.accept(e);
            }
            throw e;
        }
    }

    private <T> T changing(Path path, String operation, Supplier<T> call) {
        refuseAfterFailure(path, operation);
        var result = reading(call);
        // A success that came back after somebody else's failure is not to be believed either.
        refuseAfterFailure(path, operation);
        return result;
    }

    private void changing(Path path, String operation, Runnable call) {
        var _ =
                changing(
                        path,
                        operation,
                        () -> {
                            call.run();
                            return true;
                        });
    }

    private void refuseAfterFailure(Path path, String operation) {
        var first = failure.get();
        if (first != null) {
            throw new LogException.DiskFailedException(path, operation, first);
        }
    }

    private final class FailStopFile implements DiskFile {

        private final DiskFile file;
        private final ReentrantLock flushing = new ReentrantLock();

        FailStopFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long sizeBytes() {
            return reading(file::sizeBytes);
        }

        @Override
        public void allocate(long fromBytes, long toBytes) {
            changing(path(), "allocate", () -> file.allocate(fromBytes, toBytes));
        }

        @Override
        public void write(long position, ByteBuffer... sources) {
            changing(path(), "write", () -> file.write(position, sources));
        }

        @Override
        public int read(long position, ByteBuffer destination) {
            return reading(() -> file.read(position, destination));
        }

        @Override
        public void flush() {
            flushing.lock();
            try {
                changing(path(), "flush", file::flush);
            } finally {
                flushing.unlock();
            }
        }

        @Override
        public void trimTo(long sizeBytes) {
            changing(path(), "trimTo", () -> file.trimTo(sizeBytes));
        }

        @Override
        public MappedBytes map(long bytes) {
            return reading(() -> file.map(bytes));
        }

        @Override
        public void close() {
            reading(
                    () -> {
                        file.close();
                        return true;
                    });
        }
    }
}
