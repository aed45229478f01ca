// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

class RecordBatchBuilderTest {

    @Test
    void theRunningSizeIsExactAndTheLimitIsReachedToTheByte() {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            int limitBytes = 100 + random.nextInt(3_000);
            var builder =
                    new RecordBatchBuilder(
                            Compression.NONE, limitBytes, new byte[random.nextInt(100)]);
            var unlimited = new RecordBatchBuilder(Compression.NONE, 1 << 20);
            boolean isFull = false;
            for (var record : TestRecord.random(random, 400, 50)) {
                TestRecord.appendAll(unlimited, List.of(record));
                int before = builder.sizeBytes();
                boolean taken =
                        builder.tryAppend(
                                record.timestampMs(),
                                record.keyBytes(),
                                record.valueBytes(),
                                record.recordHeaders());
                if (!isFull) {
                    boolean hasRoom = unlimited.sizeBytes() <= limitBytes;
                    assertThat(taken).as("seed %d", seed).isEqualTo(hasRoom);
                }
                isFull |= !taken;
                assertThat(builder.sizeBytes())
                        .isBetween(before + (taken ? 1 : 0), taken ? limitBytes : before);
            }
            int sizeBytes = builder.sizeBytes();
            if (!builder.isEmpty()) {
                assertThat(builder.build().remaining()).as("seed %d", seed).isEqualTo(sizeBytes);
            }
        }
    }

    @Test
    void aLimitOfOneRecordTakesExactlyThatRecord() {
        var value = new byte[1_000];
        int size = (int) RecordBatchBuilder.sizeBytesOfOne(new byte[3], value, List.of());

        assertThat(
                        new RecordBatchBuilder(Compression.NONE, size)
                                .tryAppend(5, new byte[3], value, List.of()))
                .isTrue();
        assertThat(
                        new RecordBatchBuilder(Compression.NONE, size - 1)
                                .tryAppend(5, new byte[3], value, List.of()))
                .isFalse();
    }

    @Test
    void buffersAndArraysGiveTheSameBatch() {
        var records = TestRecord.random(new Random(8), 50, 60);
        var fromArrays = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        var fromBuffers = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        TestRecord.appendAll(fromArrays, records);
        for (var record : records) {
            var key = record.keyBytes() == null ? null : ByteBuffer.wrap(record.keyBytes());
            var value = record.valueBytes() == null ? null : ByteBuffer.wrap(record.valueBytes());
            fromBuffers.tryAppend(record.timestampMs(), key, value, record.recordHeaders());
            assertThat(value == null || value.position() == 0).isTrue();
        }

        assertThat(fromBuffers.build()).isEqualTo(fromArrays.build());
    }

    @Test
    void restampingAProducerGivesAValidBatchOfTheNewEpoch() {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20).producer(7, (short) 1, 500);
        TestRecord.appendAll(builder, TestRecord.random(new Random(9), 10, 60));
        var bytes = builder.build();

        RecordBatch.stampProducer(bytes, 0, 8, (short) 0, 0);

        var check = BatchValidator.checkForAppend(bytes, 0, bytes.remaining(), 1 << 20);
        assertThat(check)
                .isInstanceOfSatisfying(
                        BatchCheck.Valid.class,
                        valid -> {
                            assertThat(valid.batch().producerId()).isEqualTo(8);
                            assertThat(valid.batch().producerEpoch()).isZero();
                            assertThat(valid.batch().baseSequence()).isZero();
                            assertThat(valid.batch().lastSequence()).isEqualTo(9);
                        });
    }

    @Test
    void movingToLargerMemoryKeepsTheRecordsAndRaisesTheLimit() {
        var records = TestRecord.random(new Random(4), 40, 60);
        var memory = new byte[500];
        var moving = new RecordBatchBuilder(Compression.NONE, memory.length, memory);
        var still = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        TestRecord.appendAll(still, records);
        for (var record : records) {
            while (!moving.tryAppend(
                    record.timestampMs(),
                    record.keyBytes(),
                    record.valueBytes(),
                    record.recordHeaders())) {
                var larger = new byte[memory.length * 2];
                assertThat(moving.moveTo(larger)).isSameAs(memory);
                memory = larger;
            }
        }

        assertThat(moving.build()).isEqualTo(still.build());
    }

    @Test
    void isSpentAfterBuilding() {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        builder.tryAppend(0, new byte[1], new byte[1], List.of());
        builder.build();

        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.tryAppend(0, new byte[1], new byte[1], List.of()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sequencesBeginAgainAtZeroAfterTheLargest() {
        var builder =
                new RecordBatchBuilder(Compression.NONE, 1 << 20)
                        .producer(7, (short) 1, Integer.MAX_VALUE - 1);
        TestRecord.appendAll(builder, TestRecord.random(new Random(9), 4, 10));

        var bytes = builder.build();

        assertThat(RecordBatch.at(bytes, 0).lastSequence()).isEqualTo(1);
        assertThat(KafkaOracle.batch(bytes).lastSequence()).isEqualTo(1);
    }
}
