// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Walks the records of one uncompressed block and checks every length before it is used. Allocates
/// nothing until a record is asked for as an object.
final class RecordCursor {

    private static final int ABSENT = -1;

    private final ByteBuffer buffer;
    private final int end;
    private int next;

    private long timestampDelta;
    private int offsetDelta;
    private int keyAt;
    private int keyLength;
    private int valueAt;
    private int valueLength;
    private int headersAt;
    private int headerCount;

    /// A cursor before the first record.
    ///
    /// @param from absolute index of the first record
    /// @param end absolute index after the last one
    RecordCursor(ByteBuffer buffer, int from, int end) {
        this.buffer = buffer;
        this.next = from;
        this.end = end;
    }

    /// Bytes after the current record.
    int remainingBytes() {
        return end - next;
    }

    long timestampDelta() {
        return timestampDelta;
    }

    int offsetDelta() {
        return offsetDelta;
    }

    /// Moves to the next record.
    ///
    /// @throws CorruptBatchException if the bytes there are not a whole record
    void advance() {
        int length = readVarint(end, "length");
        if (length < 0 || length > end - next) {
            throw new CorruptBatchException(
                    "record length " + length + " with " + (end - next) + " bytes left");
        }
        int recordEnd = next + length;
        if (length == 0) {
            throw new CorruptBatchException("record length 0");
        }
        next++; // attributes, unused
        timestampDelta = readVarlong(recordEnd);
        offsetDelta = readVarint(recordEnd, "offsetDelta");
        keyLength = readLength(recordEnd, "keyLength");
        keyAt = next;
        next += Math.max(keyLength, 0);
        valueLength = readLength(recordEnd, "valueLength");
        valueAt = next;
        next += Math.max(valueLength, 0);
        headerCount = readVarint(recordEnd, "headerCount");
        // A header takes two bytes at least, so a count beyond the bytes is refused before it sizes
        // anything.
        if (headerCount < 0 || headerCount > (recordEnd - next) / 2) {
            throw new CorruptBatchException(
                    "headerCount "
                            + headerCount
                            + " with "
                            + (recordEnd - next)
                            + " bytes left in the record");
        }
        headersAt = next;
        for (int i = 0; i < headerCount; i++) {
            skipHeader(recordEnd);
        }
        if (next != recordEnd) {
            throw new CorruptBatchException(
                    (recordEnd - next) + " bytes after the end of a record");
        }
    }

    @Nullable ByteBuffer key() {
        return keyLength == ABSENT ? null : buffer.slice(keyAt, keyLength);
    }

    @Nullable ByteBuffer value() {
        return valueLength == ABSENT ? null : buffer.slice(valueAt, valueLength);
    }

    List<RecordHeader> headers() {
        if (headerCount == 0) {
            return List.of();
        }
        int resumeAt = next;
        int recordEnd = next;
        next = headersAt;
        var headers = new ArrayList<RecordHeader>(headerCount);
        for (int i = 0; i < headerCount; i++) {
            int nameLength = readLength(recordEnd, "header key length");
            var name = new byte[nameLength];
            buffer.get(next, name);
            next += nameLength;
            int length = readLength(recordEnd, "header value length");
            headers.add(
                    new RecordHeader(
                            new String(name, StandardCharsets.UTF_8),
                            length == ABSENT ? null : buffer.slice(next, length)));
            next += Math.max(length, 0);
        }
        next = resumeAt;
        return List.copyOf(headers);
    }

    private void skipHeader(int recordEnd) {
        int nameLength = readLength(recordEnd, "header key length");
        if (nameLength < 0) {
            throw new CorruptBatchException("header key length " + nameLength);
        }
        next += nameLength;
        int length = readLength(recordEnd, "header value length");
        next += Math.max(length, 0);
    }

    private int readLength(int limit, String field) {
        int length = readVarint(limit, field);
        if (length < ABSENT || length > limit - next) {
            throw new CorruptBatchException(
                    field + " " + length + " with " + (limit - next) + " bytes left in the record");
        }
        return length;
    }

    private int readVarint(int limit, String field) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (next >= limit) {
                throw new CorruptBatchException(field + ": truncated varint");
            }
            byte b = buffer.get(next++);
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new CorruptBatchException(field + ": varint longer than 5 bytes");
    }

    private long readVarlong(int limit) {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (next >= limit) {
                throw new CorruptBatchException("timestampDelta: truncated varint");
            }
            byte b = buffer.get(next++);
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new CorruptBatchException("timestampDelta: varint longer than 10 bytes");
    }
}
