// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import dev.weir.log.LogException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A [DiskFile] over one [FileChannel].
final class RealDiskFile implements DiskFile {

    private static final int ZEROS_BYTES = 1 << 20;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(ZEROS_BYTES).asReadOnlyBuffer();

    private final Path path;
    private final FileChannel channel;

    RealDiskFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long sizeBytes() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw IoErrors.of(path, "size", e);
        }
    }

    @Override
    public void allocate(long fromBytes, long toBytes) {
        FileBounds.checkAllocate(path, fromBytes, toBytes, sizeBytes());
        try {
            for (var at = fromBytes; at < toBytes; ) {
                var zeros = ZEROS.duplicate();
                zeros.limit((int) Math.min(ZEROS_BYTES, toBytes - at));
                at += channel.write(zeros, at);
            }
        } catch (IOException e) {
            var failure = IoErrors.of(path, "allocate", toBytes - fromBytes, e);
            if (failure instanceof LogException.DiskFullException
                    || failure instanceof LogException.ResourcesExhaustedException) {
                trimTo(fromBytes);
            }
            throw failure;
        }
    }

    @Override
    public void write(long position, ByteBuffer... sources) {
        FileBounds.checkWrite(path, position, sizeBytes());
        var remaining = FileBounds.remaining(sources);
        try {
            if (sources.length == 1) {
                for (var at = position; sources[0].hasRemaining(); ) {
                    at += channel.write(sources[0], at);
                }
                return;
            }
            // Java has no positional gathering write; one writer, so the position is its own.
            channel.position(position);
            for (var left = remaining; left > 0; ) {
                left -= channel.write(sources);
            }
        } catch (IOException e) {
            throw IoErrors.of(path, "write", remaining, e);
        }
    }

    @Override
    public int read(long position, ByteBuffer destination) {
        FileBounds.checkRead(path, position);
        var total = 0;
        try {
            while (destination.hasRemaining()) {
                var count = channel.read(destination, position + total);
                if (count < 0) {
                    return total;
                }
                total += count;
            }
            return total;
        } catch (IOException e) {
            throw IoErrors.of(path, "read", e);
        }
    }

    @Override
    public void flush() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw IoErrors.ofFlush(path, "flush", e);
        }
    }

    @Override
    public void trimTo(long sizeBytes) {
        FileBounds.checkTrim(path, sizeBytes, sizeBytes());
        try {
            channel.truncate(sizeBytes);
        } catch (IOException e) {
            throw IoErrors.of(path, "trimTo", e);
        }
    }

    @Override
    public MappedBytes map(long bytes) {
        FileBounds.checkMap(path, bytes, sizeBytes());
        var arena = Arena.ofShared();
        try {
            return new Mapping(
                    path, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena));
        } catch (IOException e) {
            arena.close();
            throw IoErrors.of(path, "map", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw IoErrors.of(path, "close", e);
        }
    }

    /// A mapping with its own life: the channel may close before it.
    private static final class Mapping implements MappedBytes {

        private final Path path;
        private final Arena arena;
        private final MemorySegment segment;
        private final AtomicBoolean closed = new AtomicBoolean();

        Mapping(Path path, Arena arena, MemorySegment segment) {
            this.path = path;
            this.arena = arena;
            this.segment = segment;
        }

        @Override
        public long sizeBytes() {
            return segment.byteSize();
        }

        @Override
        public ByteBuffer slice(long position, int bytes) {
            FileBounds.checkSlice(path, position, bytes, segment.byteSize());
            return segment.asSlice(position, bytes).asByteBuffer();
        }

        @Override
        public MemorySegment segment() {
            return segment;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                arena.close();
            }
        }
    }
}
