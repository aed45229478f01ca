// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.record.BatchCheck.Malformed;
import dev.weir.record.BatchCheck.Valid;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/// Damaged batches, held against what Kafka's library makes of the same bytes.
class MalformedBatchTest {

    private static final int LIMIT_BYTES = 1 << 20;

    /// Rules that we have and Kafka has not. A reader there takes an absent length for any negative
    /// one, trusts the header's timestamps and offset deltas, and keeps reserved attributes.
    private static final List<String> STRICTER =
            List.of(
                    "offsetDelta",
                    "maxTimestampMs",
                    "Length -",
                    "header value length -",
                    "are a producer's to set",
                    "producerId -",
                    "producerEpoch -",
                    "with a producer id");

    private final ByteBuffer batch =
            KafkaOracle.build(
                    Compression.NONE, 9, (short) 0, 0, TestRecord.random(new Random(77), 12, 40));

    @Test
    void everyTruncationIsRefusedByBoth() {
        for (int length = 0; length < batch.remaining(); length++) {
            var cut = ByteBuffer.wrap(batch.array(), batch.arrayOffset(), length).slice();
            assertThat(check(cut)).as("cut at %d", length).isInstanceOf(Malformed.class);
            assertThat(KafkaOracle.accepts(cut)).as("cut at %d", length).isFalse();
            assertThat(BatchValidator.checkStored(cut, 0, LIMIT_BYTES))
                    .isInstanceOf(Malformed.class);
        }
    }

    @Test
    void everyTruncationWithAMatchingHeaderIsRefusedByBoth() {
        for (int length = HEADER_BYTES; length < batch.remaining(); length++) {
            var cut =
                    copy(batch)
                            .limit(length)
                            .slice()
                            .putInt(BATCH_LENGTH_AT, length - LENGTH_PREFIX_BYTES);
            fixCrc(cut);
            assertThat(check(cut)).as("cut at %d", length).isInstanceOf(Malformed.class);
            assertThat(KafkaOracle.accepts(cut)).as("cut at %d", length).isFalse();
            assertThat(readerRefuses(cut)).as("cut at %d", length).isTrue();
        }
    }

    @Test
    void anyByteTheCrcCoversIsRefusedByBothWhenItChanges() {
        for (int at = MAGIC_AT; at < batch.remaining(); at++) {
            var changed = copy(batch);
            changed.put(at, (byte) (changed.get(at) ^ 0x41));
            assertThat(check(changed)).as("byte %d", at).isInstanceOf(Malformed.class);
            assertThat(KafkaOracle.accepts(changed)).as("byte %d", at).isFalse();
        }
    }

    @Test
    void trailingBytesAreRefusedByBoth() {
        var longer = ByteBuffer.allocate(batch.remaining() + 3).put(0, batch, 0, batch.remaining());
        assertThat(check(longer)).isInstanceOf(Malformed.class);
        assertThat(KafkaOracle.accepts(longer)).isFalse();

        longer.putInt(BATCH_LENGTH_AT, longer.limit() - LENGTH_PREFIX_BYTES);
        fixCrc(longer);
        assertThat(check(longer)).isInstanceOf(Malformed.class);
        assertThat(KafkaOracle.accepts(longer)).isFalse();
        assertThat(readerRefuses(longer)).isTrue();
    }

    @Test
    void aCountThatDisagreesWithTheRecordsIsRefusedByBoth() {
        for (int count : List.of(Integer.MIN_VALUE, -1, 0, 1, 11, 13, 1_000, Integer.MAX_VALUE)) {
            var changed =
                    copy(batch)
                            .putInt(RECORD_COUNT_AT, count)
                            .putInt(LAST_OFFSET_DELTA_AT, count - 1);
            fixCrc(changed);
            assertThat(check(changed)).as("count %d", count).isInstanceOf(Malformed.class);
            assertThat(KafkaOracle.accepts(changed)).as("count %d", count).isFalse();
            assertThat(readerRefuses(changed)).as("count %d", count).isTrue();
        }
    }

    @Test
    void whatKafkaRefusesWeRefuseAndWhatWeRefuseBesidesIsListed() {
        int refusedByBoth = 0;
        int refusedByUsOnly = 0;
        int accepted = 0;
        for (int seed = 0; seed < 30_000; seed++) {
            var random = new Random(seed);
            var changed =
                    copy(
                            KafkaOracle.build(
                                    Compression.NONE,
                                    random.nextBoolean() ? 9 : -1,
                                    (short) 0,
                                    0,
                                    TestRecord.random(random, 1 + random.nextInt(4), 12)));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                change(changed, random);
            }
            fixCrc(changed);
            var check = check(changed);
            String kafkaRefusal = KafkaOracle.refusal(changed);
            switch (check) {
                case Valid _ -> {
                    accepted++;
                    assertThat(kafkaRefusal).as("seed %d: Kafka", seed).isNull();
                    assertThat(TestRecord.readAll(RecordBatch.at(changed, 0)))
                            .as("seed %d", seed)
                            .isEqualTo(KafkaOracle.read(changed));
                }
                case Malformed malformed when kafkaRefusal == null -> {
                    refusedByUsOnly++;
                    assertThat(STRICTER)
                            .as("seed %d: %s", seed, malformed)
                            .anyMatch(
                                    rule ->
                                            malformed.reason().contains(rule)
                                                    || malformed.field().equals(rule));
                }
                case Malformed _ -> refusedByBoth++;
                case BatchCheck.TooLarge _ -> throw new AssertionError("seed " + seed);
            }
        }
        assertThat(List.of(refusedByBoth, refusedByUsOnly, accepted)).allMatch(n -> n > 500);
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void damagedCompressedRecordsNeverEscapeTheTypedException(Compression codec) {
        for (int seed = 0; seed < 1_000; seed++) {
            var random = new Random(seed);
            var changed =
                    copy(
                            KafkaOracle.build(
                                    codec, 9, (short) 0, 0, TestRecord.random(random, 20, 60)));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = HEADER_BYTES + random.nextInt(changed.remaining() - HEADER_BYTES);
                changed.put(at, (byte) random.nextInt());
            }
            int length =
                    random.nextInt(4) == 0
                            ? HEADER_BYTES + random.nextInt(changed.remaining() - HEADER_BYTES)
                            : changed.remaining();
            var cut =
                    changed.slice(0, length).putInt(BATCH_LENGTH_AT, length - LENGTH_PREFIX_BYTES);

            List<TestRecord> ours;
            try {
                ours = TestRecord.readAll(RecordBatch.at(cut, 0));
            } catch (RecordFormatException _) {
                continue;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            fixCrc(cut);
            if (KafkaOracle.accepts(cut)) {
                assertThat(ours).as("seed %d", seed).isEqualTo(KafkaOracle.read(cut));
            }
        }
    }

    private static void change(ByteBuffer bytes, Random random) {
        switch (random.nextInt(6)) {
            // Not the codec: compressed records are not opened when they are appended.
            case 0 -> bytes.put(ATTRIBUTES_AT + 1, (byte) (random.nextInt() & ~COMPRESSION_MASK));
            case 1 -> bytes.putLong(MAX_TIMESTAMP_MS_AT, random.nextLong());
            case 2 ->
                    bytes.putLong(PRODUCER_ID_AT, random.nextInt(5) - 3)
                            .putInt(BASE_SEQUENCE_AT, random.nextInt(5) - 2);
            default -> {
                int at = HEADER_BYTES + random.nextInt(bytes.remaining() - HEADER_BYTES);
                bytes.put(at, (byte) (random.nextBoolean() ? random.nextInt() : bytes.get(at) + 1));
            }
        }
    }

    private static BatchCheck check(ByteBuffer bytes) {
        return BatchValidator.checkForAppend(bytes, 0, bytes.remaining(), LIMIT_BYTES);
    }

    private static boolean readerRefuses(ByteBuffer bytes) {
        try {
            TestRecord.readAll(RecordBatch.at(bytes, 0));
            return false;
        } catch (CorruptBatchException _) {
            return true;
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining())
                .put(0, bytes, bytes.position(), bytes.remaining());
    }

    private static void fixCrc(ByteBuffer bytes) {
        var crc = new java.util.zip.CRC32C();
        crc.update(bytes.slice(CRC_COVERS_FROM, bytes.limit() - CRC_COVERS_FROM));
        bytes.putInt(CRC_AT, (int) crc.getValue());
    }
}
