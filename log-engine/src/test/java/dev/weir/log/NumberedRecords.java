// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.record.Compression;
import dev.weir.record.CorruptBatchException;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordBatches;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Records that say where they belong. All have the same size, so that a stale copy lies exactly
/// where the right one should, and all batches of one record have the same size too.
final class NumberedRecords {

    static final short PRODUCER_EPOCH = 1;
    static final long TIMESTAMP_MS = 1_700_000_000_000L;

    private static final int TEXT_BYTES = 32;
    private static final int VALUE_BYTES = 139;
    private static final int BATCH_BYTES_MAX = 1 << 16;

    private NumberedRecords() {}

    /// What a record says.
    ///
    /// @param offset it was appended at
    /// @param leaderEpoch that appended it
    /// @param version how often the log had been cut then: two records of one offset differ in it
    record Label(long offset, int leaderEpoch, int version) {

        private byte[] value() {
            var value = new byte[VALUE_BYTES];
            Arrays.fill(value, (byte) (offset * 31 + version));
            var text = String.format("%010d %08d %08d", offset, leaderEpoch, version);
            var bytes = text.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(bytes, 0, value, 0, bytes.length);
            return value;
        }

        private static Label of(byte[] value) {
            var parts =
                    new String(value, 0, TEXT_BYTES, StandardCharsets.US_ASCII)
                            .replaceAll("[^0-9 ].*", "")
                            .split(" ", 3);
            var label =
                    new Label(
                            Long.parseLong(parts[0]),
                            Integer.parseInt(parts[1]),
                            Integer.parseInt(parts[2].substring(0, 8)));
            if (!Arrays.equals(value, label.value())) {
                throw new AssertionError("bytes of " + label + " are not what was written");
            }
            return label;
        }
    }

    /// One batch of these records, which follow each other; its sequences are its offsets, and its
    /// producer is the version: after each cut another one writes.
    static ByteBuffer batch(List<Label> labels) {
        var builder = new RecordBatchBuilder(Compression.NONE, BATCH_BYTES_MAX);
        for (var label : labels) {
            builder.tryAppend(TIMESTAMP_MS, (byte[]) null, label.value(), List.of());
        }
        var first = labels.getFirst();
        builder.producer(first.version(), PRODUCER_EPOCH, (int) first.offset());
        return builder.build();
    }

    /// All that a log holds from its start to its end, read back, each record checked against its
    /// batch.
    static List<Label> readAll(PartitionLog log) {
        var labels = new ArrayList<Label>();
        var offset = log.logStartOffset();
        while (offset < log.logEndOffset()) {
            var result = log.read(offset, 1 << 13, log.logEndOffset(), true);
            if (!(result instanceof ReadResult.Batches(var slice))) {
                throw new AssertionError("read at " + offset + " gave " + result);
            }
            for (var batch : RecordBatches.in(slice.buffer())) {
                addAll(batch, labels);
            }
            if (slice.nextOffset() <= offset) {
                throw new AssertionError("read at " + offset + " gave nothing below the end");
            }
            offset = slice.nextOffset();
            slice.release();
        }
        return labels;
    }

    private static void addAll(RecordBatch batch, List<Label> labels) {
        if (batch.computeCrc() != batch.crc()) {
            throw new CorruptBatchException("CRC of " + batch);
        }
        var reader = RecordReader.open(batch, RecordLimits.DEFAULT);
        while (reader.hasNext()) {
            var record = reader.next();
            var value = record.valueBytes();
            var label = Label.of(value == null ? new byte[VALUE_BYTES] : value);
            if (label.offset() != record.offset() || label.leaderEpoch() != batch.leaderEpoch()) {
                throw new AssertionError(label + " is at " + record.offset() + " in " + batch);
            }
            labels.add(label);
        }
    }
}
