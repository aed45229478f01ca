// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Builds one batch. Records are encoded straight into one array as they come; the header is
/// written at the end.
///
/// Use: append until [#tryAppend] answers `false`, then [#build] once. One thread at a time. A
/// record costs no object. The base offset is 0 and the leader epoch absent until a leader stamps
/// them.
public final class RecordBatchBuilder {

    private static final int FIRST_BUFFER_BYTES = 4 * 1024;

    private final Compression compression;
    private int limitBytes;
    private byte[] buffer;
    private int size = HEADER_BYTES;
    private int recordCount;
    private long baseTimestampMs = NO_TIMESTAMP_MS;
    private long maxTimestampMs = NO_TIMESTAMP_MS;
    private long producerId = NO_PRODUCER_ID;
    private short producerEpoch = NO_PRODUCER_EPOCH;
    private int baseSequence = NO_SEQUENCE;
    private boolean isTransactional;
    private boolean isBuilt;

    /// An empty batch with memory of its own.
    ///
    /// @param limitBytes largest batch, header included, before compression, inclusive
    public RecordBatchBuilder(Compression compression, int limitBytes) {
        this(
                compression,
                limitBytes,
                new byte[Math.max(HEADER_BYTES, Math.min(limitBytes, FIRST_BUFFER_BYTES))]);
    }

    /// An empty batch in lent memory.
    ///
    /// @param limitBytes largest batch, header included, before compression, inclusive
    /// @param buffer memory to begin with, the builder's from here on; a larger one replaces it
    ///   when it is full
    public RecordBatchBuilder(Compression compression, int limitBytes, byte[] buffer) {
        if (limitBytes < HEADER_BYTES) {
            throw new IllegalArgumentException("limitBytes " + limitBytes + " < " + HEADER_BYTES);
        }
        this.compression = compression;
        this.limitBytes = limitBytes;
        this.buffer = buffer.length < HEADER_BYTES ? new byte[HEADER_BYTES] : buffer;
    }

    /// Size that a batch of only this record has, uncompressed, in bytes. Above a builder's limit
    /// it never fits.
    public static long sizeBytesOfOne(
            byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        int body = bodyBytes(0L, 0, lengthOf(key), lengthOf(value), headers);
        return HEADER_BYTES + Varints.sizeOf(body) + (long) body;
    }

    /// Adds a record, if there is room for it.
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    /// @return `false` if the batch would become larger than its limit; nothing was added then
    public boolean tryAppend(
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers) {
        int body = begin(timestampMs, lengthOf(key), lengthOf(value), headers);
        if (body < 0) {
            return false;
        }
        put(key);
        put(value);
        end(timestampMs, headers);
        return true;
    }

    /// Adds a record, if there is room for it. The buffers' positions stay as they are.
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    /// @return `false` if the batch would become larger than its limit; nothing was added then
    public boolean tryAppend(
            long timestampMs,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value,
            List<RecordHeader> headers) {
        int body = begin(timestampMs, lengthOf(key), lengthOf(value), headers);
        if (body < 0) {
            return false;
        }
        put(key);
        put(value);
        end(timestampMs, headers);
        return true;
    }

    /// Size of the batch as it stands, header included, uncompressed, in bytes. [#build] never
    /// makes a larger one.
    public int sizeBytes() {
        return size;
    }

    public int recordCount() {
        return recordCount;
    }

    public boolean isEmpty() {
        return recordCount == 0;
    }

    /// Moves what was appended into larger memory, which then is the limit too.
    ///
    /// @param larger longer than the memory before
    /// @return the memory before, the caller's again
    public byte[] moveTo(byte[] larger) {
        if (larger.length <= buffer.length || isBuilt) {
            throw new IllegalStateException(larger.length + " bytes after " + buffer.length);
        }
        var before = buffer;
        System.arraycopy(before, 0, larger, 0, size);
        buffer = larger;
        limitBytes = larger.length;
        return before;
    }

    /// Makes it an idempotent producer's batch.
    ///
    /// @param baseSequence sequence of the first record
    public RecordBatchBuilder producer(long producerId, short producerEpoch, int baseSequence) {
        this.producerId = producerId;
        this.producerEpoch = producerEpoch;
        this.baseSequence = baseSequence;
        return this;
    }

    /// Makes it part of a transaction. Needs a producer.
    public RecordBatchBuilder transactional() {
        isTransactional = true;
        return this;
    }

    /// Compresses, writes the header and hands over the batch. Records that do not become smaller
    /// stay uncompressed. The builder is spent.
    ///
    /// @return the batch from index 0 to the limit; array-backed from array index 0, the array is
    ///   the caller's
    public ByteBuffer build() {
        if (recordCount == 0 || isBuilt) {
            throw new IllegalStateException(isBuilt ? "built already" : "no records");
        }
        isBuilt = true;
        var actual = Compression.NONE;
        if (compression != Compression.NONE) {
            var block = Codecs.compress(compression, buffer, HEADER_BYTES, size - HEADER_BYTES);
            if (block.length < size - HEADER_BYTES) {
                System.arraycopy(block, 0, buffer, HEADER_BYTES, block.length);
                size = HEADER_BYTES + block.length;
                actual = compression;
            }
        }
        var batch = ByteBuffer.wrap(buffer, 0, size);
        batch.putLong(BASE_OFFSET_AT, 0)
                .putInt(BATCH_LENGTH_AT, size - LENGTH_PREFIX_BYTES)
                .putInt(LEADER_EPOCH_AT, NO_LEADER_EPOCH)
                .put(MAGIC_AT, MAGIC)
                .putShort(
                        ATTRIBUTES_AT,
                        (short) (actual.id() | (isTransactional ? TRANSACTIONAL_MASK : 0)))
                .putInt(LAST_OFFSET_DELTA_AT, recordCount - 1)
                .putLong(BASE_TIMESTAMP_MS_AT, baseTimestampMs)
                .putLong(MAX_TIMESTAMP_MS_AT, maxTimestampMs)
                .putInt(RECORD_COUNT_AT, recordCount);
        RecordBatch.stampProducer(batch, 0, producerId, producerEpoch, baseSequence);
        return batch;
    }

    /// Writes a record up to its key.
    ///
    /// @return bytes of the record's body; -1 if there is no room
    private int begin(
            long timestampMs, int keyLength, int valueLength, List<RecordHeader> headers) {
        if (isBuilt) {
            throw new IllegalStateException("built already");
        }
        long timestampDelta = timestampDelta(timestampMs);
        int body = bodyBytes(timestampDelta, recordCount, keyLength, valueLength, headers);
        if (!fits(body)) {
            return -1;
        }
        ensure(size + Varints.sizeOf(body) + body);
        int at = Varints.write(buffer, size, body);
        buffer[at++] = 0;
        at = Varints.write(buffer, at, timestampDelta);
        size = Varints.write(buffer, at, recordCount);
        return body;
    }

    private void end(long timestampMs, List<RecordHeader> headers) {
        size = Varints.write(buffer, size, headers.size());
        for (int i = 0; i < headers.size(); i++) {
            var header = headers.get(i);
            put(header.key().getBytes(StandardCharsets.UTF_8));
            put(header.value());
        }
        if (recordCount == 0) {
            baseTimestampMs = timestampMs;
            maxTimestampMs = timestampMs;
        }
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        recordCount++;
    }

    private long timestampDelta(long timestampMs) {
        return recordCount == 0 ? 0 : timestampMs - baseTimestampMs;
    }

    private boolean fits(int body) {
        return body >= 0 && (long) size + Varints.sizeOf(body) + body <= limitBytes;
    }

    private void ensure(int bytes) {
        if (bytes > buffer.length) {
            buffer =
                    Arrays.copyOf(
                            buffer,
                            (int) Math.max(bytes, Math.min(limitBytes, 2L * buffer.length)));
        }
    }

    private void put(byte @Nullable [] bytes) {
        if (bytes == null) {
            size = Varints.write(buffer, size, -1);
            return;
        }
        int at = Varints.write(buffer, size, bytes.length);
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        size = at + bytes.length;
    }

    private void put(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            size = Varints.write(buffer, size, -1);
            return;
        }
        int length = bytes.remaining();
        int at = Varints.write(buffer, size, length);
        bytes.get(bytes.position(), buffer, at, length);
        size = at + length;
    }

    private static int lengthOf(byte @Nullable [] bytes) {
        return bytes == null ? -1 : bytes.length;
    }

    private static int lengthOf(@Nullable ByteBuffer bytes) {
        return bytes == null ? -1 : bytes.remaining();
    }

    /// Bytes of a record's body.
    ///
    /// @return -1 if the sum is beyond an `int`
    private static int bodyBytes(
            long timestampDelta,
            int offsetDelta,
            int keyLength,
            int valueLength,
            List<RecordHeader> headers) {
        long bytes =
                1L
                        + Varints.sizeOf(timestampDelta)
                        + Varints.sizeOf(offsetDelta)
                        + fieldBytes(keyLength)
                        + fieldBytes(valueLength)
                        + Varints.sizeOf(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            var header = headers.get(i);
            bytes +=
                    fieldBytes(header.key().getBytes(StandardCharsets.UTF_8).length)
                            + fieldBytes(lengthOf(header.value()));
        }
        return bytes > Integer.MAX_VALUE ? -1 : (int) bytes;
    }

    private static long fieldBytes(int length) {
        return Varints.sizeOf(length) + (long) Math.max(length, 0);
    }
}
