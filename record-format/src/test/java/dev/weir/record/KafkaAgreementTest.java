// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Ours and Kafka's library build and read the same bytes.
class KafkaAgreementTest {

    private static final long PRODUCER_ID = 4_711;
    private static final short PRODUCER_EPOCH = 3;
    private static final int LIMIT_BYTES = 8 * 1024 * 1024;

    /// Codec, seed, records, largest value: from one tiny record to megabytes, over several blocks
    /// of every codec.
    static Stream<Arguments> shapes() {
        return Stream.of(Compression.values())
                .flatMap(
                        codec ->
                                Stream.of(
                                        Arguments.of(codec, 1, 1, 0),
                                        Arguments.of(codec, 2, 1, 100),
                                        Arguments.of(codec, 3, 7, 64),
                                        Arguments.of(codec, 4, 100, 130),
                                        Arguments.of(codec, 5, 1_000, 200),
                                        Arguments.of(codec, 6, 20_000, 20),
                                        Arguments.of(codec, 7, 200, 20_000),
                                        Arguments.of(codec, 8, 3, 1_000_000)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void kafkaReadsWhatWeBuild(Compression codec, int seed, int count, int maxValueBytes) {
        var records = TestRecord.random(new Random(seed), count, maxValueBytes);
        var builder =
                new RecordBatchBuilder(codec, LIMIT_BYTES)
                        .producer(PRODUCER_ID, PRODUCER_EPOCH, 99);
        TestRecord.appendAll(builder, records);

        var built = builder.build();

        assertThat(KafkaOracle.read(built)).isEqualTo(records);
        var kafka = KafkaOracle.batch(built);
        var ours = RecordBatch.at(built, 0);
        assertThat(kafka.baseOffset()).isEqualTo(ours.baseOffset()).isZero();
        assertThat(kafka.lastOffset()).isEqualTo(ours.lastOffset()).isEqualTo(count - 1);
        assertThat(kafka.countOrNull()).isEqualTo(ours.recordCount()).isEqualTo(count);
        assertThat(kafka.producerId()).isEqualTo(ours.producerId()).isEqualTo(PRODUCER_ID);
        assertThat(kafka.producerEpoch()).isEqualTo(ours.producerEpoch()).isEqualTo(PRODUCER_EPOCH);
        assertThat(kafka.baseSequence()).isEqualTo(ours.baseSequence()).isEqualTo(99);
        assertThat(kafka.lastSequence()).isEqualTo(ours.lastSequence());
        assertThat(kafka.baseTimestamp()).isEqualTo(ours.baseTimestampMs());
        assertThat(kafka.maxTimestamp()).isEqualTo(ours.maxTimestampMs());
        assertThat(kafka.partitionLeaderEpoch()).isEqualTo(ours.leaderEpoch()).isEqualTo(-1);
        assertThat(kafka.sizeInBytes()).isEqualTo(ours.sizeBytes()).isEqualTo(built.remaining());
        assertThat(kafka.compressionType().id).isEqualTo((byte) ours.compression().id());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void weReadWhatKafkaBuilds(Compression codec, int seed, int count, int maxValueBytes) {
        var records = TestRecord.random(new Random(seed), count, maxValueBytes);

        var built = KafkaOracle.build(codec, PRODUCER_ID, PRODUCER_EPOCH, 99, records);

        assertThat(BatchValidator.checkForAppend(built, 0, built.remaining(), LIMIT_BYTES))
                .isInstanceOf(BatchCheck.Valid.class);
        assertThat(BatchValidator.checkStored(built, 0, LIMIT_BYTES))
                .isInstanceOf(BatchCheck.Valid.class);
        assertThat(TestRecord.readAll(RecordBatch.at(built, 0))).isEqualTo(records);
        RecordBatch.stamp(built, 0, 1_000, 1);
        var reader = RecordReader.open(RecordBatch.at(built, 0), RecordLimits.DEFAULT);
        for (int i = 0; i < count; i++) {
            assertThat(reader.next().offset()).isEqualTo(1_000 + i);
        }
        assertThat(reader.hasNext()).isFalse();
    }

    @Test
    void uncompressedBatchesAreTheSameToTheByte() {
        for (int seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var records = TestRecord.random(random, 1 + random.nextInt(60), 300);
            var builder =
                    new RecordBatchBuilder(Compression.NONE, LIMIT_BYTES)
                            .producer(PRODUCER_ID, PRODUCER_EPOCH, 7);
            TestRecord.appendAll(builder, records);

            var built = builder.build();

            assertThat(built)
                    .as("seed %d", seed)
                    .isEqualTo(
                            KafkaOracle.build(
                                    Compression.NONE, PRODUCER_ID, PRODUCER_EPOCH, 7, records));
        }
    }

    @Test
    void stampingMovesABatchForKafkaToo() {
        var built =
                KafkaOracle.build(
                        Compression.NONE,
                        PRODUCER_ID,
                        PRODUCER_EPOCH,
                        0,
                        TestRecord.random(new Random(1), 5, 10));

        RecordBatch.stamp(built, 0, 1_000_000_000_000L, 17);

        var kafka = KafkaOracle.batch(built);
        kafka.ensureValid();
        assertThat(kafka.baseOffset()).isEqualTo(1_000_000_000_000L);
        assertThat(kafka.lastOffset()).isEqualTo(1_000_000_000_004L);
        assertThat(kafka.partitionLeaderEpoch()).isEqualTo(17);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void directBuffersAreReadLikeHeapOnes(Compression codec) {
        var records = TestRecord.random(new Random(12), 300, 100);
        var heap = KafkaOracle.build(codec, PRODUCER_ID, PRODUCER_EPOCH, 0, records);
        var direct =
                ByteBuffer.allocateDirect(heap.remaining() + 20).put(13, heap, 0, heap.remaining());

        var batch = RecordBatch.at(direct, 13);

        assertThat(batch.computeCrc()).isEqualTo(batch.crc());
        assertThat(TestRecord.readAll(batch)).isEqualTo(records);
        assertThat(direct.position()).isZero();
    }

    @Test
    void logAppendTimeGivesEveryRecordTheBatchesTimestamp() {
        var built =
                KafkaOracle.build(
                        Compression.NONE,
                        PRODUCER_ID,
                        PRODUCER_EPOCH,
                        0,
                        TestRecord.random(new Random(3), 4, 10));
        KafkaOracle.batch(built)
                .setMaxTimestamp(
                        org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME,
                        1_800_000_000_000L);

        var batch = RecordBatch.at(built, 0);

        assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(TestRecord.readAll(batch)).isEqualTo(KafkaOracle.read(built));
        assertThat(TestRecord.readAll(batch))
                .extracting(TestRecord::timestampMs)
                .containsOnly(1_800_000_000_000L);
    }

    @Test
    void keysGoToThePartitionThatKafkaChooses() {
        var random = new Random(5);
        for (int length = 0; length < 300; length++) {
            var key = new byte[length];
            random.nextBytes(key);
            int kafka = org.apache.kafka.common.utils.Utils.murmur2(key);
            assertThat(Murmur2.hash(key)).as("length %d", length).isEqualTo(kafka);
            for (int partitions : List.of(1, 2, 7, 1_000)) {
                assertThat(Murmur2.partition(key, partitions))
                        .isEqualTo(
                                org.apache.kafka.common.utils.Utils.toPositive(kafka) % partitions);
            }
        }
    }
}
