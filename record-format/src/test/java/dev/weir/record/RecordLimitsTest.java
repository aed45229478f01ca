// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.util.List;

class RecordLimitsTest {

    private static final int VALUE_BYTES = 32 * 1024 * 1024;

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void aBombIsRefusedForItsRatio(Compression codec) {
        var batch = batchOfZeros(codec, VALUE_BYTES);
        int compressedBytes = batch.sizeBytes() - HEADER_BYTES;
        assertThat((long) compressedBytes * 100).isLessThan(VALUE_BYTES);

        assertThatThrownBy(() -> RecordReader.open(batch, new RecordLimits(1 << 30, 100)))
                .isInstanceOfSatisfying(
                        DecompressedSizeExceededException.class,
                        e -> assertThat(e.limitBytes()).isEqualTo(compressedBytes * 100L));
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void aBatchIsRefusedForItsSize(Compression codec) {
        var batch = batchOfZeros(codec, 1_000_000);

        assertThatThrownBy(() -> RecordReader.open(batch, new RecordLimits(999_999, 1_000_000)))
                .isInstanceOf(DecompressedSizeExceededException.class);
        assertThat(
                        RecordReader.open(batch, new RecordLimits(1_000_100, 1_000_000))
                                .next()
                                .valueBytes())
                .hasSize(1_000_000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void aLimitOfExactlyTheSizeIsEnough(Compression codec) {
        var batch = batchOfZeros(codec, 500_000);
        int exactly =
                (int) RecordBatchBuilder.sizeBytesOfOne(null, new byte[500_000], List.of())
                        - HEADER_BYTES;

        assertThat(RecordReader.open(batch, new RecordLimits(exactly, 1_000_000)).hasNext())
                .isTrue();
        assertThatThrownBy(() -> RecordReader.open(batch, new RecordLimits(exactly - 1, 1_000_000)))
                .isInstanceOf(DecompressedSizeExceededException.class);
    }

    @Test
    void smallBatchesMayHaveAnyRatio() {
        var batch = batchOfZeros(Compression.GZIP, 60_000);

        assertThat(RecordReader.open(batch, new RecordLimits(1 << 20, 1)).next().valueBytes())
                .hasSize(60_000);
    }

    @Test
    void aSnappyBlockThatClaimsTwoGigabytesIsRefusedBeforeItIsAllocated() {
        var claim = new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07, 0};
        var framed =
                ByteBuffer.allocate(16 + 4 + claim.length)
                        .put(new byte[] {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0})
                        .putInt(1)
                        .putInt(1)
                        .putInt(claim.length)
                        .put(claim)
                        .flip();

        for (var block : List.of(ByteBuffer.wrap(claim), framed)) {
            assertThatThrownBy(
                            () ->
                                    Codecs.decompress(
                                            Compression.SNAPPY, block, RecordLimits.DEFAULT))
                    .isInstanceOf(DecompressedSizeExceededException.class);
        }
    }

    @Test
    void aBareSnappyBlockIsReadAsSomeClientsSendIt() throws Exception {
        var plain =
                "a record block, a record block, a record block"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);

        var block =
                Codecs.decompress(
                        Compression.SNAPPY,
                        ByteBuffer.wrap(org.xerial.snappy.Snappy.compress(plain)),
                        RecordLimits.DEFAULT);

        assertThat(block).isEqualTo(ByteBuffer.wrap(plain));
    }

    @Test
    void recordsThatDoNotShrinkStayUncompressedSoThatTheLimitHolds() {
        var noise = new byte[10_000];
        new java.util.Random(1).nextBytes(noise);
        for (var codec : Compression.values()) {
            var builder = new RecordBatchBuilder(codec, 1 << 20);
            builder.tryAppend(0, (byte[]) null, noise, List.of());

            var batch = RecordBatch.at(builder.build(), 0);

            assertThat(batch.compression()).isEqualTo(Compression.NONE);
            assertThat(RecordReader.open(batch, RecordLimits.DEFAULT).next().valueBytes())
                    .isEqualTo(noise);
        }
    }

    private static RecordBatch batchOfZeros(Compression codec, int valueBytes) {
        var builder = new RecordBatchBuilder(codec, Integer.MAX_VALUE);
        builder.tryAppend(0, (byte[]) null, new byte[valueBytes], List.of());
        return RecordBatch.at(builder.build(), 0);
    }
}
