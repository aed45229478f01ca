// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordBatches;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;

/// A formatted data directory with small budgets, and batches to put into its logs.
final class LogFixture {

    static final UUID DIRECTORY_ID = new UUID(7, 7);
    static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    static final LogConfig SMALL = new LogConfig(2_000, 1_000_000, 200);
    static final LogDirectoryConfig BUDGETS =
            new LogDirectoryConfig(1 << 20, 100, 1 << 20, 512, 4096);

    private final Disk disk;
    private final Path path;
    private long nonce;

    private LogFixture(Disk disk, Path path, long firstNonce) {
        this.disk = disk;
        this.path = path;
        this.nonce = firstNonce;
    }

    static LogFixture formatted(Disk disk, Path path) {
        disk.createDirectories(path);
        new DirectoryIdentity(new UUID(5, 5), 1, DIRECTORY_ID).writeTo(disk, path);
        disk.syncDirectory(path);
        for (var parent = path.getParent(); parent != null; parent = parent.getParent()) {
            disk.syncDirectory(parent);
        }
        return new LogFixture(disk, path, 1);
    }

    /// The same directory on what a crash left.
    LogFixture on(Disk otherDisk) {
        return new LogFixture(otherDisk, path, nonce + 1_000);
    }

    Disk disk() {
        return disk;
    }

    Path partitionPath() {
        return path.resolve(PARTITION.directoryName());
    }

    LogDirectory open() {
        return open(BUDGETS, Runnable::run);
    }

    LogDirectory open(LogDirectoryConfig config, Executor background) {
        return LogDirectory.open(disk, path, config, background, () -> nonce++);
    }

    static PartitionLog log(LogDirectory directory) {
        return PartitionLog.open(directory, PARTITION, SMALL, 0);
    }

    /// A batch of records `text-0`, `text-1`, …
    static ByteBuffer batch(String text, int records) {
        return batch(text, records, 1_000);
    }

    static ByteBuffer batch(String text, int records, long timestampMs) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        for (var i = 0; i < records; i++) {
            var value = (text + "-" + i).getBytes(StandardCharsets.UTF_8);
            if (!builder.tryAppend(timestampMs, (byte[]) null, value, List.of())) {
                throw new IllegalStateException("too large");
            }
        }
        return builder.build();
    }

    static ByteBuffer batchOf(long producerId, int baseSequence, String text) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        builder.producer(producerId, (short) 0, baseSequence);
        var value = text.getBytes(StandardCharsets.UTF_8);
        if (!builder.tryAppend(1_000, (byte[]) null, value, List.of())) {
            throw new IllegalStateException("too large");
        }
        return builder.build();
    }

    /// Flushes everything; the result of the only ticket.
    static FlushResult flush(PartitionLog log) {
        var ticket = log.beginFlush().orElseThrow();
        ticket.run();
        return log.complete(ticket);
    }

    /// All batches from an offset to the log end, each copied.
    static List<ByteBuffer> batches(PartitionLog log, long from, int maxBytes) {
        var all = new ArrayList<ByteBuffer>();
        var offset = from;
        while (offset < log.logEndOffset()) {
            var result = log.read(offset, maxBytes, log.logEndOffset(), true);
            if (!(result instanceof ReadResult.Batches(var slice))) {
                throw new IllegalStateException("at " + offset + ": " + result);
            }
            if (slice.sizeBytes() == 0) {
                throw new IllegalStateException("nothing at " + offset);
            }
            for (var batch : RecordBatches.in(slice.buffer())) {
                all.add(copy(batch));
            }
            offset = slice.nextOffset();
            slice.release();
        }
        return all;
    }

    static ByteBuffer copy(RecordBatch batch) {
        return copy(batch.bytes());
    }

    static ByteBuffer copy(ByteBuffer bytes) {
        var copy = ByteBuffer.allocate(bytes.remaining());
        return copy.put(bytes.duplicate()).flip();
    }
}
