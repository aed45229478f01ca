// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

class SegmentFileTest {

    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void nameTheSegment() {
        file = directory.resolve("00000000000000000010.log");
    }

    @Test
    void readsBatchesUpToPreparedSpace() throws IOException {
        write(batch(10, 0), batch(12, 1), new byte[100_000]);

        var offsets = new ArrayList<Long>();
        var scan =
                SegmentFile.scan(
                        file, OptionalLong.empty(), batch -> offsets.add(batch.baseOffset()));

        assertThat(offsets).containsExactly(10L, 12L);
        assertThat(scan.problem()).isEmpty();
        assertThat(scan.records()).isEqualTo(4);
        assertThat(scan.nextOffset()).isEqualTo(14);
        assertThat(scan.end()).contains("100000 bytes are prepared");
    }

    @Test
    void endsWhereTheNextSegmentBegins() throws IOException {
        write(batch(10, 0), batch(12, 0));

        var scan = scan(OptionalLong.of(12));

        assertThat(scan.problem()).isEmpty();
        assertThat(scan.nextOffset()).isEqualTo(12);
    }

    @Test
    void reportsAFlippedBit() throws IOException {
        var broken = batch(12, 0);
        broken[70] ^= 1;
        write(batch(10, 0), broken);

        assertThat(scan(OptionalLong.empty()).problem())
                .hasValueSatisfying(p -> assertThat(p).contains("crc"));
    }

    @Test
    void reportsAnOffsetThatGoesBackAndAnEpochThatFalls() throws IOException {
        write(batch(10, 1), batch(11, 1));
        assertThat(scan(OptionalLong.empty()).problem())
                .hasValueSatisfying(p -> assertThat(p).contains("offset 11 after 11"));

        write(batch(10, 1), batch(12, 0));
        assertThat(scan(OptionalLong.empty()).problem())
                .hasValueSatisfying(p -> assertThat(p).contains("epoch 0 after 1"));
    }

    @Test
    void reportsATornEndAndBytesBehindZeros() throws IOException {
        var torn = Arrays.copyOf(batch(12, 0), 65);
        write(batch(10, 0), torn);
        assertThat(scan(OptionalLong.empty()).problem()).isPresent();

        write(batch(10, 0), new byte[70_000], new byte[] {1});
        assertThat(scan(OptionalLong.empty()).problem())
                .hasValueSatisfying(p -> assertThat(p).contains("zeros, and then"));
    }

    /// Two records.
    private static byte[] batch(long baseOffset, int epoch) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1024);
        builder.tryAppend(1, null, "one".getBytes(UTF_8), List.of());
        builder.tryAppend(2, null, "two".getBytes(UTF_8), List.of());
        ByteBuffer batch = builder.build();
        RecordBatch.stamp(batch, batch.position(), baseOffset, epoch);
        var bytes = new byte[batch.remaining()];
        batch.get(bytes);
        return bytes;
    }

    private SegmentFile.Scan scan(OptionalLong end) throws IOException {
        return SegmentFile.scan(file, end, batch -> {});
    }

    private void write(byte[]... parts) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var part : parts) {
            bytes.writeBytes(part);
        }
        Files.write(file, bytes.toByteArray());
    }
}
