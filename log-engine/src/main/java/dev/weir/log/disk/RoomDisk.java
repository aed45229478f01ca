// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import dev.weir.log.LogException;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// A disk that is full for records while others still have room: a node's small files, and the
/// cluster's metadata on the same file system, without which no topic could be deleted to free
/// space.
///
/// Files of the given suffix refuse to grow into the last bytes, with
/// [LogException.DiskFullException]; everything else passes. The free space is asked for once in
/// [#MEASURE_BYTES] of growth, and at every refusal, so that freed space counts at once.
///
/// **Threading:** any thread.
public final class RoomDisk implements Disk {

    /// Growth between two looks at the free space, in bytes.
    static final long MEASURE_BYTES = 8L << 20;

    private final Disk disk;
    private final long roomBytes;
    private final String suffix;

    /// What files may still grow before the next look. Guarded by this.
    private long leftBytes;

    /// @param disk what does the work
    /// @param roomBytes free bytes that are left to others
    /// @param suffix ending of the names that may not take them
    public RoomDisk(Disk disk, long roomBytes, String suffix) {
        this.disk = disk;
        this.roomBytes = roomBytes;
        this.suffix = suffix;
    }

    @Override
    public DiskFile create(Path file) {
        return guarded(disk.create(file));
    }

    @Override
    public DiskFile open(Path file) {
        return guarded(disk.open(file));
    }

    private DiskFile guarded(DiskFile file) {
        return file.path().toString().endsWith(suffix) ? new RoomFile(file) : file;
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
        return disk.list(directory);
    }

    @Override
    public void createDirectories(Path directory) {
        disk.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) {
        disk.syncDirectory(directory);
    }

    @Override
    public long usableBytes(Path directory) {
        return Math.max(0, disk.usableBytes(directory) - roomBytes);
    }

    @Override
    public Lock lock(Path directory) {
        return disk.lock(directory);
    }

    private synchronized void take(Path file, long growthBytes) {
        if (growthBytes > leftBytes) {
            var parent = file.getParent();
            var usableBytes = usableBytes(parent == null ? file : parent);
            if (growthBytes > usableBytes) {
                leftBytes = 0;
                throw new LogException.DiskFullException(file, growthBytes, null);
            }
            leftBytes = Math.min(usableBytes, growthBytes + MEASURE_BYTES);
        }
        leftBytes -= growthBytes;
    }

    private final class RoomFile implements DiskFile {

        private final DiskFile file;

        /// The file is at least this large; saves a look at its size for each write.
        private volatile long sizeBytesMin;

        private RoomFile(DiskFile file) {
            this.file = file;
            this.sizeBytesMin = file.sizeBytes();
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long sizeBytes() {
            return file.sizeBytes();
        }

        @Override
        public void allocate(long fromBytes, long toBytes) {
            take(path(), toBytes - fromBytes);
            file.allocate(fromBytes, toBytes);
            sizeBytesMin = toBytes;
        }

        @Override
        public void write(long position, ByteBuffer... sources) {
            var endBytes = position;
            for (var source : sources) {
                endBytes += source.remaining();
            }
            var growthBytes = endBytes - sizeBytesMin;
            if (growthBytes > 0) {
                take(path(), growthBytes);
            }
            file.write(position, sources);
            if (growthBytes > 0) {
                sizeBytesMin = endBytes;
            }
        }

        @Override
        public int read(long position, ByteBuffer destination) {
            return file.read(position, destination);
        }

        @Override
        public void flush() {
            file.flush();
        }

        @Override
        public void trimTo(long sizeBytes) {
            file.trimTo(sizeBytes);
            sizeBytesMin = Math.min(sizeBytesMin, sizeBytes);
        }

        @Override
        public MappedBytes map(long bytes) {
            return file.map(bytes);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
