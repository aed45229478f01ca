// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.Header;
import dev.weir.api.v1.StoredRecord;
import dev.weir.log.LogSlice;
import dev.weir.record.CorruptBatchException;
import dev.weir.record.DecompressedSizeExceededException;
import dev.weir.record.Record;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import java.util.ArrayList;
import java.util.List;

/// Decodes stored batches for readers that want records: control batches and what lies below the
/// wanted offset are left out, and every size is capped before memory is taken.
///
/// @param records at most as many as asked for
/// @param nextOffset where the next read goes on
record StoredRecords(List<StoredRecord> records, long nextOffset) {

    /// A batch that unfolds to more is not decoded, nor one that grows beyond 100:1.
    private static final RecordLimits UNFOLDING = new RecordLimits(16 * 1024 * 1024, 100);

    /// What one answer may hold.
    ///
    /// @param records how many
    /// @param bytes of keys, values and headers; a single larger record is given alone
    record Limits(int records, int bytes) {}

    /// Decodes until a limit is reached. A batch that cannot be decoded ends the answer before it,
    /// and is an error where it is the first.
    ///
    /// @param from first offset wanted
    /// @throws ApiException `DECOMPRESSED_SIZE_EXCEEDED`, `STORED_BATCH_CORRUPT`
    static StoredRecords decode(LogSlice slice, long from, Limits limits, PartitionErrors errors) {
        var decoder = new Decoder(from, limits);
        for (var batch : RecordBatches.in(slice.buffer())) {
            if (batch.isControl()) {
                decoder.skip(batch);
                continue;
            }
            try {
                if (!decoder.take(batch)) {
                    break;
                }
            } catch (DecompressedSizeExceededException bomb) {
                if (decoder.records.isEmpty()) {
                    throw new ApiException(tooLarge(batch, bomb, errors));
                }
                break;
            } catch (CorruptBatchException corrupt) {
                if (decoder.records.isEmpty()) {
                    throw new ApiException(
                            errors.damaged(
                                    batch.baseOffset(), String.valueOf(corrupt.getMessage())));
                }
                break;
            }
        }
        return new StoredRecords(decoder.records, decoder.next);
    }

    private static final class Decoder {

        private final Limits limits;
        private final List<StoredRecord> records = new ArrayList<>();
        private long next;
        private long bytes;

        Decoder(long from, Limits limits) {
            this.next = from;
            this.limits = limits;
        }

        void skip(RecordBatch batch) {
            next = Math.max(next, batch.nextOffset());
        }

        /// @return whether the next batch may be taken
        boolean take(RecordBatch batch) {
            var reader = RecordReader.open(batch, UNFOLDING);
            while (reader.hasNext()) {
                var record = reader.next();
                if (record.offset() < next) {
                    continue;
                }
                long size = sizeOf(record);
                boolean full = records.size() >= limits.records || bytes + size > limits.bytes;
                if (full && !records.isEmpty()) {
                    return false;
                }
                records.add(toProto(record));
                bytes += size;
                next = record.offset() + 1;
            }
            skip(batch);
            return true;
        }
    }

    private static long sizeOf(Record record) {
        var key = record.key();
        var value = record.value();
        long size = key == null ? 0 : key.remaining();
        size += value == null ? 0 : value.remaining();
        for (var header : record.headers()) {
            var headerValue = header.value();
            // Four bytes a character is the most that UTF-8 takes.
            size +=
                    header.key().length() * 4L
                            + (headerValue == null ? 0 : headerValue.remaining());
        }
        // Tags, lengths, offset and timestamp.
        return size + 40 + 8L * record.headers().size();
    }

    private static StoredRecord toProto(Record record) {
        var stored =
                StoredRecord.newBuilder()
                        .setOffset(record.offset())
                        .setTimestampMs(record.timestampMs());
        var key = record.key();
        if (key != null) {
            stored.setKey(ByteString.copyFrom(key.duplicate()));
        }
        var value = record.value();
        if (value != null) {
            stored.setValue(ByteString.copyFrom(value.duplicate()));
        }
        for (var header : record.headers()) {
            var headerValue = header.value();
            var proto = Header.newBuilder().setKey(header.key());
            if (headerValue != null) {
                proto.setValue(ByteString.copyFrom(headerValue.duplicate()));
            }
            stored.addHeaders(proto);
        }
        return stored.build();
    }

    private static ApiError tooLarge(
            RecordBatch batch, DecompressedSizeExceededException bomb, PartitionErrors errors) {
        return ApiError.of(
                        ErrorReason.DECOMPRESSED_SIZE_EXCEEDED,
                        "the batch at offset "
                                + batch.baseOffset()
                                + " of "
                                + errors.topic()
                                + "-"
                                + errors.partition()
                                + " unfolds "
                                + bomb.compressedBytes()
                                + " bytes to more than "
                                + bomb.limitBytes()
                                + "; use Fetch, or read on at "
                                + batch.nextOffset())
                .with("limit", bomb.limitBytes())
                .with("offset", batch.baseOffset())
                .with("next_offset", batch.nextOffset());
    }
}
