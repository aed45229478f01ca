// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class PartitionAccumulatorTest {

    private static final int BATCH_BYTES = 64 * 1024;
    private static final long LINGER_NS = 5_000_000;
    private static final long TIMEOUT_NS = 1_000_000_000;

    private final List<Integer> memoryTaken = new ArrayList<>();
    private PartitionAccumulator<Integer> accumulator = accumulator(BATCH_BYTES);

    @Test
    void aBatchIsReadyWhenItHasLingeredAndNotBefore() {
        append(100, 0);

        assertThat(accumulator.readyAtNs(1)).isEqualTo(LINGER_NS);
        assertThat(accumulator.poll(LINGER_NS - 1, false)).isNull();
        assertThat(accumulator.poll(LINGER_NS, false)).isNotNull();
        assertThat(accumulator.isEmpty()).isTrue();
        assertThat(accumulator.readyAtNs(LINGER_NS)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aHurryTakesAnOpenBatchAtOnce() {
        append(100, 0);

        assertThat(accumulator.poll(0, true)).isNotNull();
        assertThat(accumulator.poll(0, true)).isNull();
    }

    @Test
    void aFullBatchIsReadyAtOnceAndBatchesComeInOrder() {
        for (int i = 0; i < 200; i++) {
            append(1_000, 0);
        }

        assertThat(accumulator.readyAtNs(1)).isEqualTo(1);
        var callbacks = new ArrayList<Integer>();
        while (!accumulator.isEmpty()) {
            var batch = accumulator.poll(1, true);
            assertThat(batch.sizeBytes()).isLessThanOrEqualTo(BATCH_BYTES);
            for (int i = 0; i < batch.recordCount(); i++) {
                callbacks.add(batch.callback(i));
            }
        }
        assertThat(callbacks).hasSize(200).isSorted();
    }

    @Test
    void aQuietPartitionTakesLittleMemoryAndABusyOneStartsWithAll() {
        append(100, 0);
        assertThat(memoryTaken).containsExactly(4 * 1024);
        accumulator.poll(0, true);

        memoryTaken.clear();
        for (int i = 0; i < 200; i++) {
            append(1_000, 0);
        }
        assertThat(memoryTaken).startsWith(4 * 1024, 32 * 1024, BATCH_BYTES, BATCH_BYTES);
        assertThat(memoryTaken.subList(2, memoryTaken.size())).containsOnly(BATCH_BYTES);
    }

    @Test
    void noBatchIsLargerThanItsLimitWhateverTheRecordsAre() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            int batchBytes = 1_024 + random.nextInt(10_000);
            accumulator = accumulator(batchBytes);
            int records = 0;
            for (int i = 0; i < 200; i++) {
                append(random.nextInt(random.nextInt(20) == 0 ? 3 * batchBytes : 500), 0);
            }
            while (!accumulator.isEmpty()) {
                var batch = accumulator.poll(0, true);
                records += batch.recordCount();
                if (batch.recordCount() > 1) {
                    assertThat(batch.sizeBytes())
                            .as("seed %d", seed)
                            .isLessThanOrEqualTo(batchBytes);
                }
            }
            assertThat(records).as("seed %d", seed).isEqualTo(200);
        }
    }

    @Test
    void aBatchExpiresWithItsFirstRecord() {
        append(100, 7);
        append(100, 500);

        assertThat(accumulator.pollExpired(7 + TIMEOUT_NS - 1)).isNull();
        assertThat(accumulator.pollExpired(7 + TIMEOUT_NS)).isNotNull();
        assertThat(accumulator.isEmpty()).isTrue();
    }

    private static PartitionAccumulator<Integer> accumulator(int batchBytes) {
        return new PartitionAccumulator<>(
                new PartitionAccumulator.Settings(
                        Compression.NONE, batchBytes, LINGER_NS, TIMEOUT_NS));
    }

    private int appended;

    private void append(int valueBytes, long nowNs) {
        var value = new byte[valueBytes];
        int alone = (int) RecordBatchBuilder.sizeBytesOfOne(null, value, List.of());
        while (!accumulator.tryAppend(5, null, value, List.of(), appended)) {
            var memory = new byte[accumulator.memoryWanted(alone)];
            memoryTaken.add(memory.length);
            accumulator.offerMemory(memory, alone, nowNs, 0);
        }
        appended++;
    }
}
