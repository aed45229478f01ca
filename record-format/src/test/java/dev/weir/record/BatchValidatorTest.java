// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.record.BatchCheck.Malformed;
import dev.weir.record.BatchCheck.TooLarge;
import dev.weir.record.BatchCheck.Valid;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

class BatchValidatorTest {

    private static final int LIMIT_BYTES = 100_000;

    @Test
    void takesAGoodBatchAnywhereInABufferAndLeavesThePositionAlone() {
        var good = batch(Compression.NONE);
        var buffer =
                ByteBuffer.allocate(good.remaining() + 200).put(100, good, 0, good.remaining());
        buffer.position(5).limit(good.remaining() + 150);

        var check = BatchValidator.checkForAppend(buffer, 100, good.remaining(), LIMIT_BYTES);

        assertThat(check)
                .isInstanceOfSatisfying(
                        Valid.class, valid -> assertThat(valid.batch().position()).isEqualTo(100));
        assertThat(buffer.position()).isEqualTo(5);
        assertThat(buffer.limit()).isEqualTo(good.remaining() + 150);
    }

    @Test
    void refusesABatchAboveTheLimitAndTakesOneAtIt() {
        var good = batch(Compression.NONE);
        int size = good.remaining();

        assertThat(BatchValidator.checkForAppend(good, 0, size, size)).isInstanceOf(Valid.class);
        assertThat(BatchValidator.checkForAppend(good, 0, size, size - 1))
                .isEqualTo(new TooLarge(size, size - 1));
        assertThat(BatchValidator.checkStored(good, 0, size)).isInstanceOf(Valid.class);
        assertThat(BatchValidator.checkStored(good, 0, size - 1))
                .isEqualTo(new TooLarge(size, size - 1));
    }

    @Test
    void refusesTwoBatches() {
        var good = batch(Compression.NONE);
        var two =
                ByteBuffer.allocate(2 * good.remaining())
                        .put(good.duplicate())
                        .put(good.duplicate())
                        .flip();

        assertThat(BatchValidator.checkForAppend(two, 0, two.remaining(), LIMIT_BYTES))
                .isInstanceOfSatisfying(
                        Malformed.class, m -> assertThat(m.field()).isEqualTo("batchLength"));
        assertThat(BatchValidator.checkStored(two, 0, LIMIT_BYTES)).isInstanceOf(Valid.class);
    }

    @Test
    void refusesOtherMagics() {
        for (byte magic : new byte[] {-1, 0, 1, 3}) {
            assertField("magic", changed(b -> b.put(MAGIC_AT, magic)));
        }
    }

    @Test
    void refusesAWrongCrc() {
        var bytes = batch(Compression.ZSTD);
        bytes.putInt(CRC_AT, bytes.getInt(CRC_AT) + 1);

        assertField("crc", bytes);
        assertThat(BatchValidator.checkStored(bytes, 0, LIMIT_BYTES))
                .isInstanceOfSatisfying(
                        Malformed.class, m -> assertThat(m.field()).isEqualTo("crc"));
    }

    @Test
    void refusesAttributesThatAreNotAProducersToSet() {
        for (int bit = 5; bit < 16; bit++) {
            int mask = 1 << bit;
            assertField("attributes", changed(b -> b.putShort(ATTRIBUTES_AT, (short) mask)));
        }
        assertField(
                "attributes",
                changed(b -> b.putShort(ATTRIBUTES_AT, (short) LOG_APPEND_TIME_MASK)));
        for (int codec : List.of(5, 6, 7)) {
            assertField("attributes", changed(b -> b.putShort(ATTRIBUTES_AT, (short) codec)));
        }
    }

    @Test
    void refusesACountThatDisagreesWithTheLastOffsetDelta() {
        assertField("lastOffsetDelta", changed(b -> b.putInt(LAST_OFFSET_DELTA_AT, 4)));
        assertField("lastOffsetDelta", changed(b -> b.putInt(LAST_OFFSET_DELTA_AT, -1)));
        assertField("lastOffsetDelta", changed(b -> b.putInt(RECORD_COUNT_AT, 4)));
        assertField(
                "recordCount",
                changed(b -> b.putInt(RECORD_COUNT_AT, 0).putInt(LAST_OFFSET_DELTA_AT, -1)));
        assertField(
                "recordCount",
                changed(
                        b ->
                                b.putInt(RECORD_COUNT_AT, Integer.MIN_VALUE)
                                        .putInt(LAST_OFFSET_DELTA_AT, Integer.MAX_VALUE)));
    }

    @Test
    void refusesAWrongCountOfACompressedBatchToo() {
        var bytes = batch(Compression.LZ4).putInt(LAST_OFFSET_DELTA_AT, 4);
        fixCrc(bytes);

        assertField("lastOffsetDelta", bytes);
    }

    @Test
    void holdsProducerFieldsTogether() {
        assertField("producerId", changed(b -> b.putLong(PRODUCER_ID_AT, -2)));
        assertField("producerId", changed(b -> b.putLong(PRODUCER_ID_AT, Long.MIN_VALUE)));
        assertField("producerEpoch", changed(b -> b.putShort(PRODUCER_EPOCH_AT, (short) -1)));
        assertField("baseSequence", changed(b -> b.putInt(BASE_SEQUENCE_AT, -1)));
        assertField(
                "producerId",
                changed(
                        b ->
                                b.putShort(ATTRIBUTES_AT, (short) TRANSACTIONAL_MASK)
                                        .putLong(PRODUCER_ID_AT, -1)));
        assertThat(check(changed(b -> b.putShort(ATTRIBUTES_AT, (short) TRANSACTIONAL_MASK))))
                .isInstanceOf(Valid.class);
        assertThat(
                        check(
                                changed(
                                        b ->
                                                b.putLong(PRODUCER_ID_AT, -1)
                                                        .putShort(PRODUCER_EPOCH_AT, (short) -1)
                                                        .putInt(BASE_SEQUENCE_AT, -1))))
                .isInstanceOf(Valid.class);
    }

    @Test
    void refusesAMaxTimestampThatNoRecordHas() {
        assertField("maxTimestampMs", changed(b -> b.putLong(MAX_TIMESTAMP_MS_AT, Long.MAX_VALUE)));
        assertField("maxTimestampMs", changed(b -> b.putLong(MAX_TIMESTAMP_MS_AT, -1)));
    }

    @Test
    void refusesOffsetDeltasThatAreNotDense() {
        // The first record: length (two bytes), attributes, timestamp delta (one byte), offset
        // delta.
        assertField("records", changed(b -> b.put(HEADER_BYTES + 4, (byte) 2)));
    }

    @Test
    void doesNotOpenCompressedRecords() {
        for (var codec :
                List.of(Compression.GZIP, Compression.SNAPPY, Compression.LZ4, Compression.ZSTD)) {
            var bytes = batch(codec);
            for (int i = HEADER_BYTES; i < bytes.limit(); i++) {
                bytes.put(i, (byte) 0xee);
            }
            fixCrc(bytes);

            assertThat(check(bytes)).isInstanceOf(Valid.class);
            assertThatThrownBy(
                            () -> RecordReader.open(RecordBatch.at(bytes, 0), RecordLimits.DEFAULT))
                    .isInstanceOf(CorruptBatchException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aStoredBatchIsKnownFromItsHeaderAlone(Compression codec) {
        var bytes = batch(codec);
        RecordBatch.stamp(bytes, 0, 1_234, 5);
        var header = ByteBuffer.allocate(HEADER_BYTES).put(0, bytes, 0, HEADER_BYTES);

        var check = BatchValidator.checkStoredHeader(header, 0, LIMIT_BYTES);

        assertThat(check)
                .isInstanceOfSatisfying(
                        Valid.class,
                        valid -> {
                            assertThat(valid.batch().sizeBytes()).isEqualTo(bytes.remaining());
                            assertThat(valid.batch().baseOffset()).isEqualTo(1_234);
                            assertThat(valid.batch().nextOffset()).isEqualTo(1_237);
                            assertThat(valid.batch().leaderEpoch()).isEqualTo(5);
                        });
        assertThat(BatchValidator.checkStored(header, 0, LIMIT_BYTES))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void storedHeadersWithoutSenseAreRefused() {
        assertStoredHeader("baseOffset", b -> b.putLong(BASE_OFFSET_AT, -1));
        assertStoredHeader("baseOffset", b -> b.putLong(BASE_OFFSET_AT, Long.MAX_VALUE - 1));
        assertStoredHeader("baseOffset", b -> b.putInt(LAST_OFFSET_DELTA_AT, -1));
        assertStoredHeader("batchLength", b -> b.putInt(BATCH_LENGTH_AT, -1));
        assertStoredHeader(
                "batchLength",
                b -> b.putInt(BATCH_LENGTH_AT, HEADER_BYTES - LENGTH_PREFIX_BYTES - 1));
        assertStoredHeader("magic", b -> b.put(MAGIC_AT, (byte) 0));
        assertStoredHeader("recordCount", b -> b.putInt(RECORD_COUNT_AT, -1));
        assertStoredHeader("recordCount", b -> b.putInt(RECORD_COUNT_AT, 4));
        assertThat(
                        BatchValidator.checkStoredHeader(
                                batch(Compression.NONE).putInt(BATCH_LENGTH_AT, Integer.MAX_VALUE),
                                0,
                                LIMIT_BYTES))
                .isInstanceOf(TooLarge.class);
    }

    @Test
    void batchesAreIteratedUpToTheFirstThatIsNotWhole() {
        var good = batch(Compression.NONE);
        var bytes = ByteBuffer.allocate(10 + 3 * good.remaining()).position(10);
        bytes.put(good.duplicate()).put(good.duplicate()).put(good.duplicate()).flip().position(10);
        bytes.limit(bytes.limit() - 1);

        var iterator = RecordBatches.in(bytes).iterator();

        assertThat(iterator.next().position()).isEqualTo(10);
        assertThat(iterator.next().position()).isEqualTo(10 + good.remaining());
        assertThat(iterator.hasNext()).isTrue();
        assertThatThrownBy(iterator::next).isInstanceOf(CorruptBatchException.class);
        assertThat(bytes.position()).isEqualTo(10);
    }

    @Test
    void aLittleEndianBufferIsACallersMistake() {
        var bytes = batch(Compression.NONE).order(ByteOrder.LITTLE_ENDIAN);

        assertThatThrownBy(() -> RecordBatch.peek(bytes, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertStoredHeader(String field, Consumer<ByteBuffer> change) {
        var bytes = batch(Compression.NONE);
        change.accept(bytes);
        assertThat(BatchValidator.checkStoredHeader(bytes, 0, LIMIT_BYTES))
                .isInstanceOfSatisfying(
                        Malformed.class, m -> assertThat(m.field()).isEqualTo(field));
    }

    private static void assertField(String field, ByteBuffer bytes) {
        assertThat(check(bytes))
                .isInstanceOfSatisfying(
                        Malformed.class, m -> assertThat(m.field()).isEqualTo(field));
    }

    private static BatchCheck check(ByteBuffer bytes) {
        return BatchValidator.checkForAppend(bytes, 0, bytes.remaining(), LIMIT_BYTES);
    }

    private static ByteBuffer changed(Consumer<ByteBuffer> change) {
        var bytes = batch(Compression.NONE);
        change.accept(bytes);
        fixCrc(bytes);
        return bytes;
    }

    private static void fixCrc(ByteBuffer bytes) {
        bytes.putInt(CRC_AT, RecordBatch.at(bytes, 0).computeCrc());
    }

    /// Three records; of any codec, because they shrink.
    private static ByteBuffer batch(Compression codec) {
        var builder = new RecordBatchBuilder(codec, LIMIT_BYTES).producer(12, (short) 0, 0);
        for (int i = 0; i < 3; i++) {
            builder.tryAppend(
                    1_000 + new Random(i).nextInt(50), new byte[10], new byte[900], List.of());
        }
        return builder.build();
    }
}
