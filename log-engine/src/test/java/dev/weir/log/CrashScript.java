// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerBatch;
import dev.weir.log.producer.ProducerStates;
import dev.weir.record.RecordBatch;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/// Drives one log through appends, flushes, rolls, epochs, cuts and restarts, drawn from a seed,
/// and keeps a [LogModel] of it.
final class CrashScript {

    static final Path DIRECTORY = Path.of("/data");
    static final PartitionId PARTITION = new PartitionId(new UUID(7, 7), 3);
    static final UUID DIRECTORY_ID = new UUID(8, 8);
    static final long NOW_MS = NumberedRecords.TIMESTAMP_MS;

    /// About eight batches of one record a segment; several steps of prepared space in each.
    static final LogConfig SMALL_SEGMENTS = new LogConfig(1800, 1L << 40, 400);

    /// About seventy batches of one record a segment, and an index entry for each.
    static final LogConfig MANY_ENTRIES = new LogConfig(15_000, 1L << 40, 1);

    private static final LogDirectoryConfig DIRECTORY_CONFIG =
            new LogDirectoryConfig(1 << 20, 100, 1 << 20, 512, 1024);

    private static long openings;

    final LogModel model = new LogModel();
    int cutsAtSegmentBase;
    int cutsAcrossSegments;
    int cutsInsideSegment;
    int supersededFlushes;
    int restarts;
    int resets;
    int rolls;

    private final Disk disk;
    private final LogConfig config;
    private final SplittableRandom random;
    private LogDirectory directory;
    private PartitionLog log;

    CrashScript(Disk disk, LogConfig config, long seed) {
        this.disk = disk;
        this.config = config;
        this.random = new SplittableRandom(seed);
        this.directory = openDirectory(disk);
        this.log = openLog(directory, config);
    }

    static void format(Disk disk) {
        disk.createDirectories(DIRECTORY);
        disk.syncDirectory(Path.of("/"));
        new DirectoryIdentity(new UUID(9, 9), 1, DIRECTORY_ID).writeTo(disk, DIRECTORY);
    }

    /// Opens the directory. Everything in the background is done at once, and no two openings draw
    /// the same nonces.
    static LogDirectory openDirectory(Disk disk) {
        var nonces = new SplittableRandom(openings++);
        return LogDirectory.open(
                disk, DIRECTORY, DIRECTORY_CONFIG, Runnable::run, nonces::nextLong);
    }

    static PartitionLog openLog(LogDirectory directory, LogConfig config) {
        return PartitionLog.open(directory, PARTITION, config, NOW_MS);
    }

    void close() {
        log.close();
        directory.close();
    }

    void step() {
        var draw = random.nextInt(100);
        if (draw < 42) {
            append(1);
        } else if (draw < 50) {
            appendSeveral(2 + random.nextInt(3));
        } else if (draw < 54) {
            append(3);
        } else if (draw < 70) {
            flush();
        } else if (draw < 75) {
            flushWhileAppending();
        } else if (draw < 79) {
            directory.checkpoint();
        } else if (draw < 81) {
            model.nextEpoch();
        } else if (draw < 91) {
            cut(cutOffset());
        } else if (draw < 95) {
            cutDuringFlush();
        } else if (draw < 97) {
            reset();
        } else {
            restart();
        }
        assertThat(log.logEndOffset()).isEqualTo(model.end());
        assertThat(log.durableEndOffset()).isEqualTo(model.durableEnd());
    }

    private void append(int recordCount) {
        var batch = NumberedRecords.batch(model.beginAppend(recordCount));
        var result = log.append(batch, model.leaderEpoch(), NOW_MS);
        rolls += result.rolled() ? 1 : 0;
    }

    /// As a leader does, or as a follower does who was sent several batches in one piece.
    private void appendSeveral(int batchCount) {
        var batches = new ArrayList<ByteBuffer>();
        for (var i = 0; i < batchCount; i++) {
            var base = model.end();
            var batch = NumberedRecords.batch(model.beginAppend(1));
            RecordBatch.stamp(batch, 0, base, model.leaderEpoch());
            batches.add(batch);
        }
        var result =
                random.nextBoolean()
                        ? log.append(batches, model.leaderEpoch(), NOW_MS)
                        : log.appendReplicated(joined(batches), NOW_MS);
        rolls += result.rolled() ? 1 : 0;
    }

    private static ByteBuffer joined(List<ByteBuffer> batches) {
        var joined = ByteBuffer.allocate(batches.stream().mapToInt(ByteBuffer::remaining).sum());
        batches.forEach(joined::put);
        return joined.flip();
    }

    private void flush() {
        var ticket = log.beginFlush();
        ticket.ifPresent(
                flush -> {
                    flush.run();
                    complete(flush);
                });
    }

    private void flushWhileAppending() {
        var ticket = log.beginFlush();
        append(1);
        ticket.ifPresent(
                flush -> {
                    flush.run();
                    append(1);
                    complete(flush);
                });
    }

    private void complete(FlushTicket ticket) {
        switch (log.complete(ticket)) {
            case FlushResult.Durable(var end) -> {
                assertThat(end).isEqualTo(ticket.endOffset());
                model.durable(end);
            }
            case FlushResult.Failed(var cause) -> throw cause;
            case FlushResult.Refused(var cause) -> throw cause;
            case FlushResult.Superseded _ -> throw new AssertionError("nothing superseded it");
        }
    }

    private void cutDuringFlush() {
        var ticket = log.beginFlush();
        var beforeRun = random.nextBoolean();
        if (!beforeRun) {
            ticket.ifPresent(Runnable::run);
        }
        cut(
                model.end() > model.start()
                        ? random.nextLong(model.start(), model.end())
                        : model.end());
        if (beforeRun) {
            ticket.ifPresent(Runnable::run);
        }
        ticket.ifPresent(
                flush -> {
                    if (log.complete(flush) instanceof FlushResult.Failed(var cause)) {
                        throw cause;
                    }
                    assertThat(log.durableEndOffset()).isEqualTo(model.durableEnd());
                    supersededFlushes++;
                });
    }

    /// Begins the log anew, at, below or above where it was, as a leader orders.
    private void reset() {
        var offset = Math.max(1, model.end() - 20 + random.nextInt(40));
        var states = new ProducerStates(10, 0);
        states.append(
                model.version(),
                NumberedRecords.PRODUCER_EPOCH,
                new ProducerBatch(
                        (int) offset - 1, (int) offset - 1, offset - 1, offset - 1, NOW_MS),
                NOW_MS);
        var history = LeaderEpochHistory.empty().assign(model.leaderEpoch(), 0);
        model.beginReset(offset);
        log.resetTo(offset, history, states);
        model.endReset();
        resets++;
    }

    private long cutOffset() {
        var segments = log.segments();
        if (segments.isEmpty() || model.end() == model.start()) {
            return model.end();
        }
        var last = segments.getLast();
        return switch (random.nextInt(6)) {
            case 0 -> last.baseOffset();
            case 1 -> segments.get(random.nextInt(segments.size())).baseOffset();
            case 2 -> Math.max(model.start(), last.baseOffset() - 1 - random.nextInt(20));
            case 3 -> model.end();
            default -> Math.max(model.start(), model.end() - 1 - random.nextInt(6));
        };
    }

    private void cut(long offset) {
        count(offset);
        var end = model.beginCut(offset);
        assertThat(log.truncateTo(offset)).isEqualTo(end);
        model.endCut();
    }

    private void count(long offset) {
        if (offset >= model.end()) {
            return;
        }
        var above = log.segments().stream().filter(s -> s.baseOffset() >= offset).count();
        cutsAcrossSegments += above >= 2 ? 1 : 0;
        if (log.segments().stream().anyMatch(s -> s.baseOffset() == offset)) {
            cutsAtSegmentBase++;
        } else {
            cutsInsideSegment++;
        }
    }

    private void restart() {
        close();
        directory
                .failure()
                .ifPresent(
                        failed -> {
                            throw failed;
                        });
        model.durable(model.end());
        restarts++;
        directory = openDirectory(disk);
        log = openLog(directory, config);
    }

    /// Appends one batch and flushes it.
    ///
    /// @return whether the log says that it is durable
    boolean tryToBeAcknowledged() {
        var before = model.end();
        try {
            append(1);
            var ticket = log.beginFlush();
            ticket.ifPresent(FlushTicket::run);
            return ticket.isPresent() && log.complete(ticket.get()) instanceof FlushResult.Durable;
        } catch (LogException e) {
            model.abortAppend(before);
            return false;
        }
    }

    /// What the log holds, read back.
    List<NumberedRecords.Label> readAll() {
        return NumberedRecords.readAll(log);
    }

    /// What the log reports as durable.
    long durableEnd() {
        return log.durableEndOffset();
    }
}
