// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// One record as a test compares it: bytes as hexadecimal text, `null` where there are none.
record TestRecord(long timestampMs, String key, String value, List<String> headers) {

    private static final HexFormat HEX = HexFormat.of();

    static TestRecord of(Record record) {
        var headers =
                record.headers().stream()
                        .map(header -> header.key() + "=" + hex(header.valueBytes()))
                        .toList();
        return new TestRecord(
                record.timestampMs(), hex(record.keyBytes()), hex(record.valueBytes()), headers);
    }

    static List<TestRecord> readAll(RecordBatch batch) {
        var records = new ArrayList<TestRecord>();
        for (var reader = RecordReader.open(batch, RecordLimits.DEFAULT); reader.hasNext(); ) {
            records.add(of(reader.next()));
        }
        return records;
    }

    /// Records of every shape: absent and empty keys and values, headers, sizes around the varint
    /// steps.
    static List<TestRecord> random(Random random, int count, int maxValueBytes) {
        var records = new ArrayList<TestRecord>();
        for (int i = 0; i < count; i++) {
            long timestampMs = 1_700_000_000_000L + random.nextInt(100_000) - 50_000;
            var headers = new ArrayList<String>();
            for (int h = random.nextInt(8) == 0 ? random.nextInt(4) : 0; h > 0; h--) {
                headers.add("clé" + random.nextInt(100) + "=" + hex(bytes(random, 20)));
            }
            records.add(
                    new TestRecord(
                            timestampMs,
                            hex(bytes(random, 70)),
                            hex(bytes(random, maxValueBytes)),
                            headers));
        }
        return records;
    }

    byte[] keyBytes() {
        return unhex(key);
    }

    byte[] valueBytes() {
        return unhex(value);
    }

    List<RecordHeader> recordHeaders() {
        return headers.stream()
                .map(
                        header -> {
                            var parts = header.split("=", 2);
                            var bytes = unhex(parts[1]);
                            return new RecordHeader(
                                    parts[0], bytes == null ? null : ByteBuffer.wrap(bytes));
                        })
                .toList();
    }

    /// Appends all of them to a builder; all must fit.
    static void appendAll(RecordBatchBuilder builder, List<TestRecord> records) {
        for (var record : records) {
            if (!builder.tryAppend(
                    record.timestampMs,
                    record.keyBytes(),
                    record.valueBytes(),
                    record.recordHeaders())) {
                throw new AssertionError("no room");
            }
        }
    }

    static String hex(byte[] bytes) {
        return bytes == null ? "null" : HEX.formatHex(bytes);
    }

    static byte[] unhex(String text) {
        return text.equals("null") ? null : HEX.parseHex(text);
    }

    private static byte[] bytes(Random random, int maxBytes) {
        return switch (random.nextInt(10)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> new byte[maxBytes];
            default -> {
                var bytes = new byte[random.nextInt(maxBytes + 1)];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt(random.nextBoolean() ? 4 : 256);
                }
                yield bytes;
            }
        };
    }
}
