// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import dev.weir.log.LogException;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.disk.FileBounds;
import dev.weir.log.disk.MappedBytes;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// A handle on a simulated file.
final class SimulatedFile implements DiskFile {

    private final SimulatedDisk disk;
    private final Path path;
    private final FileNode node;
    private boolean closed;

    SimulatedFile(SimulatedDisk disk, Path path, FileNode node) {
        this.disk = disk;
        this.path = path;
        this.node = node;
        disk.openFiles++;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long sizeBytes() {
        synchronized (disk) {
            refuseWhenClosed();
            return node.size();
        }
    }

    @Override
    public void allocate(long fromBytes, long toBytes) {
        synchronized (disk) {
            refuseWhenClosed();
            FileBounds.checkAllocate(path, fromBytes, toBytes, node.size());
            var growth = toBytes - fromBytes;
            disk.perform(
                    DiskOperation.Kind.ALLOCATE,
                    path,
                    fromBytes,
                    growth,
                    fault -> {
                        disk.take(path, growth);
                        switch (fault) {
                            case Fault.None _, Fault.Lost _, Fault.Misdirected _ ->
                                    node.resize(Math.toIntExact(toBytes));
                            case Fault.IoError _ ->
                                    throw SimulatedDisk.ioError(path, DiskOperation.Kind.ALLOCATE);
                            case Fault.Torn(var bytes) -> {
                                node.resize(Math.toIntExact(fromBytes + Math.min(bytes, growth)));
                                throw SimulatedDisk.ioError(path, DiskOperation.Kind.ALLOCATE);
                            }
                        }
                    });
        }
    }

    @Override
    public void write(long position, ByteBuffer... sources) {
        synchronized (disk) {
            refuseWhenClosed();
            FileBounds.checkWrite(path, position, node.size());
            var bytes = gather(sources);
            disk.perform(
                    DiskOperation.Kind.WRITE,
                    path,
                    position,
                    bytes.length,
                    fault -> {
                        disk.take(path, position + bytes.length - node.size());
                        write(Math.toIntExact(position), bytes, fault);
                    });
        }
    }

    private void write(int position, byte[] bytes, Fault fault) {
        switch (fault) {
            case Fault.None _ -> node.write(position, bytes);
            case Fault.IoError _ -> throw SimulatedDisk.ioError(path, DiskOperation.Kind.WRITE);
            case Fault.Torn(var count) -> {
                node.write(position, Arrays.copyOf(bytes, (int) Math.min(count, bytes.length)));
                throw SimulatedDisk.ioError(path, DiskOperation.Kind.WRITE);
            }
            case Fault.Lost _ -> node.writeLost(position, bytes);
            case Fault.Misdirected(var delta) -> {
                node.writeLost(position, bytes);
                node.writeDurableElsewhere(Math.toIntExact(position + delta), bytes);
            }
        }
    }

    private static byte[] gather(ByteBuffer... sources) {
        var bytes = new byte[Math.toIntExact(FileBounds.remaining(sources))];
        var at = 0;
        for (var source : sources) {
            var count = source.remaining();
            source.get(bytes, at, count);
            at += count;
        }
        return bytes;
    }

    @Override
    public int read(long position, ByteBuffer destination) {
        synchronized (disk) {
            refuseWhenClosed();
            FileBounds.checkRead(path, position);
            return position >= node.size() ? 0 : node.read((int) position, destination);
        }
    }

    @Override
    public void flush() {
        synchronized (disk) {
            refuseWhenClosed();
            disk.perform(
                    DiskOperation.Kind.FLUSH,
                    path,
                    0,
                    0,
                    fault -> {
                        switch (fault) {
                            case Fault.None _ -> node.flush();
                            case Fault.IoError _, Fault.Torn _ -> {
                                node.forgetUnsynced();
                                throw SimulatedDisk.ioError(path, DiskOperation.Kind.FLUSH);
                            }
                            case Fault.Lost _, Fault.Misdirected _ -> node.forgetUnsynced();
                        }
                    });
        }
    }

    @Override
    public void trimTo(long sizeBytes) {
        synchronized (disk) {
            refuseWhenClosed();
            FileBounds.checkTrim(path, sizeBytes, node.size());
            disk.perform(
                    DiskOperation.Kind.TRIM,
                    path,
                    sizeBytes,
                    0,
                    fault -> {
                        switch (fault) {
                            case Fault.None _ -> node.resize((int) sizeBytes);
                            case Fault.IoError _, Fault.Torn _ ->
                                    throw SimulatedDisk.ioError(path, DiskOperation.Kind.TRIM);
                            case Fault.Lost _, Fault.Misdirected _ -> {}
                        }
                    });
        }
    }

    @Override
    public MappedBytes map(long bytes) {
        synchronized (disk) {
            refuseWhenClosed();
            FileBounds.checkMap(path, bytes, node.size());
            return new View(node.map(Math.toIntExact(bytes)));
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (!closed) {
                disk.openFiles--;
            }
            closed = true;
        }
    }

    private void refuseWhenClosed() {
        disk.refuseWhenDead();
        if (closed) {
            throw new LogException.LogClosedException(path);
        }
    }

    /// A heap copy that the file's writes reach too.
    private final class View implements MappedBytes {

        private final byte[] bytes;
        private boolean unmapped;

        View(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public ByteBuffer slice(long position, int length) {
            refuseWhenUnmapped();
            FileBounds.checkSlice(path, position, length, bytes.length);
            return ByteBuffer.wrap(bytes, (int) position, length).slice().asReadOnlyBuffer();
        }

        @Override
        public MemorySegment segment() {
            refuseWhenUnmapped();
            return MemorySegment.ofArray(bytes).asReadOnly();
        }

        @Override
        public void close() {
            synchronized (disk) {
                unmapped = true;
                node.unmap(bytes);
            }
        }

        private void refuseWhenUnmapped() {
            synchronized (disk) {
                if (unmapped) {
                    throw new IllegalStateException("unmapped: " + path);
                }
            }
        }
    }
}
