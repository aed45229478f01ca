// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Acks;
import dev.weir.record.Compression;
import dev.weir.record.Record;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordBatches;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Batches for tests.
public final class Batches {

    public static final long WALL_MS = 1_700_000_000_000L;

    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private Batches() {}

    public static ByteBuffer of(String... values) {
        return builder(values).build();
    }

    public static ByteBuffer sequenced(
            long producerId, int epoch, int baseSequence, String... values) {
        return builder(values).producer(producerId, (short) epoch, baseSequence).build();
    }

    public static ByteBuffer at(long timestampMs, String... values) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        for (var i = 0; i < values.length; i++) {
            add(builder, timestampMs + i, values[i]);
        }
        return builder.build();
    }

    /// Compressed: many records of the same value unfold a hundredfold and more.
    public static ByteBuffer compressedAt(long timestampMs, String... values) {
        var builder = new RecordBatchBuilder(Compression.ZSTD, 1 << 20);
        for (var i = 0; i < values.length; i++) {
            add(builder, timestampMs + i, values[i]);
        }
        return builder.build();
    }

    public static ByteBuffer ofBytes(int valueBytes) {
        return of("x".repeat(valueBytes));
    }

    private static RecordBatchBuilder builder(String... values) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
        for (var value : values) {
            add(builder, WALL_MS, value);
        }
        return builder;
    }

    private static void add(RecordBatchBuilder builder, long timestampMs, String value) {
        byte[] noKey = null;
        if (!builder.tryAppend(
                timestampMs, noKey, value.getBytes(StandardCharsets.UTF_8), List.of())) {
            throw new IllegalArgumentException("too large");
        }
    }

    public static ProduceCommand command(ByteBuffer batch, Acks acks) {
        return new ProduceCommand(batch, acks, OptionalInt.empty(), NO_DEADLINE);
    }

    public static List<Record> records(ByteBuffer batches) {
        var records = new ArrayList<Record>();
        for (var batch : RecordBatches.in(batches)) {
            RecordReader.open(batch, RecordLimits.DEFAULT).forEachRemaining(records::add);
        }
        return records;
    }

    public static List<String> values(ByteBuffer batches) {
        return records(batches).stream()
                .map(each -> new String(each.valueBytes(), StandardCharsets.UTF_8))
                .toList();
    }
}
