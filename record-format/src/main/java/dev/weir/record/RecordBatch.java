// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// A view of one record batch inside a buffer: no copy, absolute reads only, so the buffer's
/// position and limit stay as they are and several views may share it.
///
/// Getting a view checks sizes, nothing else: [BatchValidator] says whether the content can be
/// trusted. The buffer must stay unchanged (but for [#stamp]) and mapped while the view is used.
/// Field layout: [RecordBatchFormat].
public final class RecordBatch {

    private final ByteBuffer buffer;
    private final int at;

    private RecordBatch(ByteBuffer buffer, int at) {
        this.buffer = buffer;
        this.at = at;
    }

    /// A view of the complete batch that begins at an index.
    ///
    /// @param buffer big-endian
    /// @param at absolute index of the batch's first byte
    /// @throws CorruptBatchException if the header or the length it names reaches beyond the
    ///   buffer's limit
    public static RecordBatch at(ByteBuffer buffer, int at) {
        var batch = peek(buffer, at);
        int available = buffer.limit() - at;
        int batchLength = batch.batchLength();
        if (batchLength < HEADER_BYTES - LENGTH_PREFIX_BYTES
                || batchLength > available - LENGTH_PREFIX_BYTES) {
            throw new CorruptBatchException(
                    "batchLength " + batchLength + " with " + available + " bytes at hand");
        }
        return batch;
    }

    /// A view of which only the header's [RecordBatchFormat#HEADER_BYTES] bytes need be in the
    /// buffer: every method but [#computeCrc] and [#records] works, and nothing is known about the
    /// values yet.
    ///
    /// @param buffer big-endian
    /// @param at absolute index of the batch's first byte
    /// @throws CorruptBatchException if fewer than the header's bytes lie before the buffer's limit
    public static RecordBatch peek(ByteBuffer buffer, int at) {
        if (buffer.order() != ByteOrder.BIG_ENDIAN) {
            throw new IllegalArgumentException("buffer is not big-endian");
        }
        if (at < 0 || at > buffer.limit() - HEADER_BYTES) {
            throw new CorruptBatchException(
                    "no batch header at "
                            + at
                            + ": "
                            + (buffer.limit() - at)
                            + " bytes, "
                            + HEADER_BYTES
                            + " needed");
        }
        return new RecordBatch(buffer, at);
    }

    /// Writes the two fields that a leader gives a batch. They are outside the CRC.
    ///
    /// @param at absolute index of the batch's first byte
    /// @param baseOffset offset of its first record
    /// @param leaderEpoch epoch of the leader that appends
    public static void stamp(ByteBuffer buffer, int at, long baseOffset, int leaderEpoch) {
        buffer.putLong(at + BASE_OFFSET_AT, baseOffset);
        buffer.putInt(at + LEADER_EPOCH_AT, leaderEpoch);
    }

    /// Writes a producer's identity into a batch and computes its CRC anew.
    ///
    /// @param at absolute index of the batch's first byte; the whole batch is in the buffer
    /// @param producerId -1 for none, then the other two are -1 as well
    /// @param baseSequence sequence of the first record
    public static void stampProducer(
            ByteBuffer buffer, int at, long producerId, short producerEpoch, int baseSequence) {
        buffer.putLong(at + PRODUCER_ID_AT, producerId);
        buffer.putShort(at + PRODUCER_EPOCH_AT, producerEpoch);
        buffer.putInt(at + BASE_SEQUENCE_AT, baseSequence);
        buffer.putInt(at + CRC_AT, RecordBatch.at(buffer, at).computeCrc());
    }

    /// The buffer that this view looks into.
    public ByteBuffer buffer() {
        return buffer;
    }

    /// Absolute index of the batch's first byte in [#buffer].
    public int position() {
        return at;
    }

    /// Offset of the first record.
    public long baseOffset() {
        return buffer.getLong(at + BASE_OFFSET_AT);
    }

    /// Bytes that follow the length field, as the header says.
    public int batchLength() {
        return buffer.getInt(at + BATCH_LENGTH_AT);
    }

    /// Size of the whole batch in bytes, as the header says.
    public int sizeBytes() {
        return Math.addExact(batchLength(), LENGTH_PREFIX_BYTES);
    }

    public int leaderEpoch() {
        return buffer.getInt(at + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.get(at + MAGIC_AT);
    }

    /// The CRC-32C that the header holds.
    public int crc() {
        return buffer.getInt(at + CRC_AT);
    }

    public short attributes() {
        return buffer.getShort(at + ATTRIBUTES_AT);
    }

    /// The codec of the records.
    ///
    /// @throws CorruptBatchException if the attributes name no known codec
    public Compression compression() {
        int id = attributes() & COMPRESSION_MASK;
        return Compression.forId(id)
                .orElseThrow(() -> new CorruptBatchException("unknown codec " + id));
    }

    public TimestampType timestampType() {
        return (attributes() & LOG_APPEND_TIME_MASK) == 0
                ? TimestampType.CREATE_TIME
                : TimestampType.LOG_APPEND_TIME;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_MASK) != 0;
    }

    /// Control batches (transaction markers) take offsets but are never given to consumers.
    public boolean isControl() {
        return (attributes() & CONTROL_MASK) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(at + LAST_OFFSET_DELTA_AT);
    }

    /// Offset of the last record, inclusive.
    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /// Offset after the last record: where the next batch may begin.
    public long nextOffset() {
        return lastOffset() + 1;
    }

    public long baseTimestampMs() {
        return buffer.getLong(at + BASE_TIMESTAMP_MS_AT);
    }

    public long maxTimestampMs() {
        return buffer.getLong(at + MAX_TIMESTAMP_MS_AT);
    }

    public long producerId() {
        return buffer.getLong(at + PRODUCER_ID_AT);
    }

    public boolean hasProducerId() {
        return producerId() != NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(at + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(at + BASE_SEQUENCE_AT);
    }

    /// Sequence of the last record, inclusive; sequences go from 2^31-1 to 0.
    public int lastSequence() {
        int first = baseSequence();
        return first == NO_SEQUENCE ? NO_SEQUENCE : Sequences.plus(first, lastOffsetDelta());
    }

    public int recordCount() {
        return buffer.getInt(at + RECORD_COUNT_AT);
    }

    /// CRC-32C over the bytes that the CRC covers. Reads the whole batch, which must be in the
    /// buffer.
    public int computeCrc() {
        var crc = new CRC32C();
        crc.update(buffer.slice(at + CRC_COVERS_FROM, sizeBytes() - CRC_COVERS_FROM));
        return (int) crc.getValue();
    }

    /// The block of records as it is in the batch, compressed or not. Shares the bytes.
    public ByteBuffer records() {
        return buffer.slice(at + HEADER_BYTES, sizeBytes() - HEADER_BYTES);
    }

    /// The whole batch. Shares the bytes.
    public ByteBuffer bytes() {
        return buffer.slice(at, sizeBytes());
    }

    /// The fields, for logs and tools.
    @Override
    public String toString() {
        return "RecordBatch[baseOffset="
                + baseOffset()
                + ", lastOffset="
                + lastOffset()
                + ", sizeBytes="
                + (batchLength() + (long) LENGTH_PREFIX_BYTES)
                + ", leaderEpoch="
                + leaderEpoch()
                + ", recordCount="
                + recordCount()
                + ", producerId="
                + producerId()
                + ", producerEpoch="
                + producerEpoch()
                + ", baseSequence="
                + baseSequence()
                + "]";
    }
}
