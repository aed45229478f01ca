// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.Header;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.Sequence;
import dev.weir.record.Compression;
import dev.weir.record.Murmur2;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordHeader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// Makes record batches of structured records: one batch a partition, keys placed by murmur2 as
/// every client places them.
///
/// **Threading:** any thread that may compute for milliseconds; never a network thread.
final class RecordSetEncoder {

    private final int batchBytesMax;
    private final LongSupplier wallClockMs;

    /// @param batchBytesMax largest batch, in bytes, before compression
    /// @param wallClockMs for records without timestamp
    RecordSetEncoder(int batchBytesMax, LongSupplier wallClockMs) {
        this.batchBytesMax = batchBytesMax;
        this.wallClockMs = wallClockMs;
    }

    /// Where records may go.
    ///
    /// @param fixed the partition that the request names
    /// @param count partitions of the topic
    /// @param keyless partition for records without key when none is named
    record Placement(OptionalInt fixed, int count, int keyless) {

        int of(NewRecord record) {
            if (fixed.isPresent()) {
                return fixed.getAsInt();
            }
            return record.hasKey()
                    ? Murmur2.partition(record.getKey().toByteArray(), count)
                    : keyless;
        }
    }

    /// One batch to append.
    ///
    /// @param partition where to
    /// @param batch writable, from index 0 to the limit
    /// @param recordIndexes which records of the request are in it, in order
    record EncodedBatch(int partition, ByteBuffer batch, List<Integer> recordIndexes) {}

    private static final class Open {
        private final RecordBatchBuilder builder;
        private final List<Integer> recordIndexes = new ArrayList<>();

        Open(RecordBatchBuilder builder) {
            this.builder = builder;
        }
    }

    /// The batches of one request, ascending by partition.
    ///
    /// @throws ApiException `INVALID_REQUEST`, `INVALID_TIMESTAMP`, `MESSAGE_TOO_LARGE`
    List<EncodedBatch> encode(RecordSet set, Placement placement) {
        if (set.getRecordsCount() == 0) {
            throw new ApiException(ApiError.badField("records.records", "must not be empty"));
        }
        var compression = compression(set);
        var sequence = set.hasSequence() ? checked(set.getSequence()) : null;
        var open = new TreeMap<Integer, Open>();
        long now = wallClockMs.getAsLong();
        for (int index = 0; index < set.getRecordsCount(); index++) {
            var record = set.getRecords(index);
            int partition = placement.of(record);
            var batch =
                    open.computeIfAbsent(
                            partition,
                            _ -> new Open(new RecordBatchBuilder(compression, batchBytesMax)));
            if (sequence != null && open.size() > 1) {
                throw new ApiException(
                        ApiError.badField(
                                "records.sequence",
                                "needs all records in one partition: name `partition`, or send one"
                                        + " request a partition"));
            }
            append(batch, record, index, now);
        }
        var batches = new ArrayList<EncodedBatch>(open.size());
        open.forEach((partition, batch) -> batches.add(encoded(partition, batch, sequence)));
        return batches;
    }

    private void append(Open batch, NewRecord record, int index, long now) {
        long timestampMs = record.hasTimestampMs() ? record.getTimestampMs() : now;
        if (timestampMs < 0) {
            throw new ApiException(
                    ApiError.of(
                                    ErrorReason.INVALID_TIMESTAMP,
                                    "timestamp_ms of record " + index + " is negative")
                            .violating("records.records[" + index + "].timestamp_ms", "0 or more"));
        }
        boolean added =
                batch.builder.tryAppend(
                        timestampMs,
                        record.hasKey() ? record.getKey().asReadOnlyByteBuffer() : null,
                        record.hasValue() ? record.getValue().asReadOnlyByteBuffer() : null,
                        headers(record));
        if (!added) {
            throw new ApiException(
                    ApiError.of(
                                    ErrorReason.MESSAGE_TOO_LARGE,
                                    "the records of one partition in one request must fit into a"
                                            + " batch of "
                                            + batchBytesMax
                                            + " bytes; record "
                                            + index
                                            + " does not; send fewer at once")
                            .with("limit", batchBytesMax)
                            .violating(
                                    "records.records[" + index + "]",
                                    "at most " + batchBytesMax + " bytes a partition"));
        }
        batch.recordIndexes.add(index);
    }

    private static EncodedBatch encoded(int partition, Open batch, @Nullable Sequence sequence) {
        if (sequence != null) {
            batch.builder.producer(
                    sequence.getProducerId(),
                    (short) sequence.getProducerEpoch(),
                    sequence.getBaseSequence());
        }
        return new EncodedBatch(partition, batch.builder.build(), batch.recordIndexes);
    }

    private static Compression compression(RecordSet set) {
        return Compression.forId(set.getCompressionValue())
                .orElseThrow(
                        () ->
                                new ApiException(
                                        ApiError.badField(
                                                "records.compression",
                                                "is not a known codec: "
                                                        + set.getCompressionValue())));
    }

    private static Sequence checked(Sequence sequence) {
        boolean good =
                sequence.getProducerId() >= 0
                        && sequence.getProducerEpoch() >= 0
                        && sequence.getProducerEpoch() <= Short.MAX_VALUE
                        && sequence.getBaseSequence() >= 0;
        if (!good) {
            throw new ApiException(
                    ApiError.badField(
                            "records.sequence",
                            "needs producer_id and base_sequence of 0 or more and producer_epoch"
                                    + " from 0 to 32767"));
        }
        return sequence;
    }

    private static List<RecordHeader> headers(NewRecord record) {
        if (record.getHeadersCount() == 0) {
            return List.of();
        }
        var headers = new ArrayList<RecordHeader>(record.getHeadersCount());
        for (Header header : record.getHeadersList()) {
            headers.add(
                    new RecordHeader(
                            header.getKey(), header.hasValue() ? buffer(header.getValue()) : null));
        }
        return headers;
    }

    private static ByteBuffer buffer(ByteString bytes) {
        return bytes.asReadOnlyByteBuffer();
    }
}
