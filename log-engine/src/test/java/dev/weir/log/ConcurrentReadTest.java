// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.disk.RealDisk;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatches;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Readers beside the writer, with preparing, mapping, unmapping and deleting on other threads.
class ConcurrentReadTest {

    private static final int BATCHES = 30_000;

    @TempDir Path temporary;

    @Test
    void readersSeeWholeValidBatchesInOrderWhileTheWriterRollsFlushesAndTruncates()
            throws Exception {
        var budgets = new LogDirectoryConfig(1 << 20, 40, 1 << 16, 4 << 10, 64 << 10);
        try (var background = Executors.newFixedThreadPool(2);
                var readers = Executors.newFixedThreadPool(3)) {
            var directory =
                    LogFixture.formatted(new RealDisk(), temporary.resolve("data"))
                            .open(budgets, background);
            var config = new LogConfig(128 << 10, 1_000_000, 1 << 10);
            var log = PartitionLog.open(directory, LogFixture.PARTITION, config, 0);
            var highWatermark = new AtomicLong();
            var done = new AtomicBoolean();
            var results = new ArrayList<Future<Long>>();
            for (var i = 0; i < 3; i++) {
                var mayBlock = i > 0;
                results.add(readers.submit(reader(log, highWatermark, done, mayBlock)));
            }
            write(log, highWatermark);
            done.set(true);
            for (var result : results) {
                assertThat(result.get()).isEqualTo(highWatermark.get());
            }
            log.close();
            directory.close();
            background.shutdown();
            assertThat(background.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            assertThat(directory.preparedBytes()).isZero();
        }
    }

    private static void write(PartitionLog log, AtomicLong highWatermark) {
        for (var i = 0; i < BATCHES; i++) {
            log.append(batch("value " + i, 1 + i % 7), i / 1_000, 0);
            if (i % 100 == 99) {
                highWatermark.set(log.logEndOffset());
            }
            if (i % 1_000 == 0) {
                log.truncateTo(Math.max(highWatermark.get(), log.logEndOffset() - 5));
            }
            if (i % 300 == 0) {
                log.beginFlush()
                        .ifPresent(
                                ticket -> {
                                    ticket.run();
                                    assertThat(log.complete(ticket))
                                            .isInstanceOf(FlushResult.Durable.class);
                                });
            }
        }
        highWatermark.set(log.logEndOffset());
    }

    private static Callable<Long> reader(
            PartitionLog log, AtomicLong highWatermark, AtomicBoolean done, boolean mayBlock) {
        return () -> {
            var offset = 0L;
            while (true) {
                var finished = done.get();
                var limit = highWatermark.get();
                if (offset == limit) {
                    if (finished) {
                        return offset;
                    }
                    Thread.onSpinWait();
                    continue;
                }
                var result = log.read(offset, 20_000, limit, mayBlock);
                if (result instanceof ReadResult.Cold) {
                    result = log.read(offset, 20_000, limit, true);
                }
                offset = check(offset, result);
            }
        };
    }

    private static long check(long offset, ReadResult result) {
        if (!(result instanceof ReadResult.Batches(var slice))) {
            throw new AssertionError("at " + offset + ": " + result);
        }
        var expected = offset;
        // A copy, because a CRC must not run over a mapping.
        var bytes = LogFixture.copy(slice.buffer());
        for (var batch : RecordBatches.in(bytes)) {
            assertThat(batch.baseOffset()).isEqualTo(expected);
            assertThat(BatchValidator.checkStored(bytes, batch.position(), 1 << 20))
                    .isInstanceOf(BatchCheck.Valid.class);
            expected = batch.nextOffset();
        }
        assertThat(slice.nextOffset()).isEqualTo(expected);
        assertThat(expected).isGreaterThan(offset);
        slice.release();
        return expected;
    }
}
