// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import static dev.weir.record.RecordBatchFormat.*;

import dev.weir.record.BatchCheck.Malformed;
import dev.weir.record.BatchCheck.TooLarge;
import dev.weir.record.BatchCheck.Valid;

import java.nio.ByteBuffer;

/// Says whether bytes are a batch that may be appended, or that was stored. Stateless; any thread;
/// reads absolutely, so the buffer's position and limit stay as they are.
///
/// What a producer sends is held to more than what was stored, because later compaction may leave
/// gaps and empty batches.
public final class BatchValidator {

    private static final int CLIENT_ATTRIBUTES_MASK = COMPRESSION_MASK | TRANSACTIONAL_MASK;

    private BatchValidator() {}

    /// The leader's check of what a producer sent, before anything is written.
    ///
    /// Refused: anything but exactly one batch of magic 2; a wrong CRC; an unknown codec; control
    /// batches and every attribute that is not a producer's to set; no records, or a count other
    /// than `lastOffsetDelta` + 1; a negative producer id other than -1; a producer id without
    /// epoch and sequence; a transactional batch without producer id. Of an uncompressed batch
    /// every record is walked: lengths and varints, offset deltas 0, 1, 2, …, the largest timestamp
    /// as the header says, nothing behind the last record. Compressed records are not opened.
    /// `baseOffset` and `leaderEpoch` are ignored: the leader stamps them.
    ///
    /// @param buffer big-endian
    /// @param at absolute index of the first byte sent
    /// @param lengthBytes bytes sent
    /// @param maxBatchBytes largest batch taken, inclusive
    public static BatchCheck checkForAppend(
            ByteBuffer buffer, int at, int lengthBytes, int maxBatchBytes) {
        if (lengthBytes > maxBatchBytes) {
            return new TooLarge(lengthBytes, maxBatchBytes);
        }
        if (lengthBytes < HEADER_BYTES) {
            return new Malformed(
                    "batch", lengthBytes + " bytes; the header alone has " + HEADER_BYTES);
        }
        var batch = RecordBatch.peek(buffer, at);
        if (batch.magic() != MAGIC) {
            return new Malformed(
                    "magic", "magic " + batch.magic() + "; only " + MAGIC + " is known");
        }
        if (batch.batchLength() != lengthBytes - LENGTH_PREFIX_BYTES) {
            return new Malformed(
                    "batchLength",
                    "batchLength "
                            + batch.batchLength()
                            + " in "
                            + lengthBytes
                            + " bytes; exactly one batch is taken");
        }
        int crc = batch.computeCrc();
        if (crc != batch.crc()) {
            return wrongCrc(batch, crc);
        }
        var malformed = headerFromProducer(batch);
        if (malformed instanceof Malformed) {
            return malformed;
        }
        return (batch.attributes() & COMPRESSION_MASK) == 0 ? walk(batch) : new Valid(batch);
    }

    /// The check of one stored batch, by a follower, recovery or a scrub: header sanity and CRC.
    /// Records are not walked.
    ///
    /// @param buffer big-endian
    /// @param at absolute index of the batch's first byte; more may follow the batch
    /// @param maxBatchBytes largest batch there may be, inclusive
    /// @return `Malformed` for an incomplete batch as well
    public static BatchCheck checkStored(ByteBuffer buffer, int at, int maxBatchBytes) {
        var header = checkStoredHeader(buffer, at, maxBatchBytes);
        if (!(header instanceof Valid valid)) {
            return header;
        }
        var batch = valid.batch();
        if (batch.sizeBytes() > buffer.limit() - at) {
            return new Malformed(
                    "batchLength",
                    "batchLength "
                            + batch.batchLength()
                            + " with "
                            + (buffer.limit() - at)
                            + " bytes at hand");
        }
        int crc = batch.computeCrc();
        return crc == batch.crc() ? valid : wrongCrc(batch, crc);
    }

    /// The part of [#checkStored] that needs only the header's 61 bytes, so that recovery knows how
    /// much to read.
    ///
    /// @param buffer big-endian
    /// @param at absolute index of the batch's first byte
    /// @param maxBatchBytes largest batch there may be, inclusive
    /// @return `Valid` with a view of which only the header may be read
    public static BatchCheck checkStoredHeader(ByteBuffer buffer, int at, int maxBatchBytes) {
        if (buffer.limit() - at < HEADER_BYTES) {
            return new Malformed(
                    "batch",
                    (buffer.limit() - at) + " bytes; the header alone has " + HEADER_BYTES);
        }
        var batch = RecordBatch.peek(buffer, at);
        if (batch.magic() != MAGIC) {
            return new Malformed(
                    "magic", "magic " + batch.magic() + "; only " + MAGIC + " is known");
        }
        if (batch.batchLength() < HEADER_BYTES - LENGTH_PREFIX_BYTES) {
            return new Malformed(
                    "batchLength", "batchLength " + batch.batchLength() + " is less than a header");
        }
        if (batch.batchLength() > maxBatchBytes - LENGTH_PREFIX_BYTES) {
            return new TooLarge(
                    (int)
                            Math.min(
                                    Integer.MAX_VALUE,
                                    batch.batchLength() + (long) LENGTH_PREFIX_BYTES),
                    maxBatchBytes);
        }
        if (batch.baseOffset() < 0
                || batch.lastOffsetDelta() < 0
                || batch.baseOffset() > Long.MAX_VALUE - 1 - batch.lastOffsetDelta()) {
            return new Malformed(
                    "baseOffset",
                    "baseOffset "
                            + batch.baseOffset()
                            + ", lastOffsetDelta "
                            + batch.lastOffsetDelta());
        }
        if (batch.recordCount() < 0 || batch.recordCount() - 1 > batch.lastOffsetDelta()) {
            return new Malformed(
                    "recordCount",
                    "recordCount "
                            + batch.recordCount()
                            + " with lastOffsetDelta "
                            + batch.lastOffsetDelta());
        }
        return new Valid(batch);
    }

    private static Malformed wrongCrc(RecordBatch batch, int computed) {
        return new Malformed(
                "crc",
                "crc "
                        + Integer.toHexString(batch.crc())
                        + ", computed "
                        + Integer.toHexString(computed));
    }

    private static BatchCheck headerFromProducer(RecordBatch batch) {
        int attributes = batch.attributes();
        if (Compression.forId(attributes & COMPRESSION_MASK).isEmpty()) {
            return new Malformed("attributes", "unknown codec " + (attributes & COMPRESSION_MASK));
        }
        if (batch.isControl()) {
            return new Malformed("attributes", "control batches are not taken from clients");
        }
        if ((attributes & ~CLIENT_ATTRIBUTES_MASK) != 0) {
            return new Malformed(
                    "attributes",
                    "attributes 0x"
                            + Integer.toHexString(attributes & 0xffff)
                            + ": only codec and transactional are a producer's to set");
        }
        if (batch.recordCount() < 1) {
            return new Malformed(
                    "recordCount", "recordCount " + batch.recordCount() + "; at least 1 is needed");
        }
        if (batch.lastOffsetDelta() != batch.recordCount() - 1) {
            return new Malformed(
                    "lastOffsetDelta",
                    "lastOffsetDelta "
                            + batch.lastOffsetDelta()
                            + " with recordCount "
                            + batch.recordCount());
        }
        return producerFields(batch);
    }

    private static BatchCheck producerFields(RecordBatch batch) {
        if (batch.producerId() < NO_PRODUCER_ID) {
            return new Malformed("producerId", "producerId " + batch.producerId());
        }
        if (batch.hasProducerId()) {
            if (batch.producerEpoch() < 0) {
                return new Malformed(
                        "producerEpoch",
                        "producerEpoch " + batch.producerEpoch() + " with a producer id");
            }
            if (batch.baseSequence() < 0) {
                return new Malformed(
                        "baseSequence",
                        "baseSequence " + batch.baseSequence() + " with a producer id");
            }
        } else if (batch.isTransactional()) {
            return new Malformed("producerId", "a transactional batch without producer id");
        }
        return new Valid(batch);
    }

    private static BatchCheck walk(RecordBatch batch) {
        int from = batch.position() + HEADER_BYTES;
        var cursor = new RecordCursor(batch.buffer(), from, batch.position() + batch.sizeBytes());
        long maxTimestampDelta = Long.MIN_VALUE;
        int recordCount = batch.recordCount();
        for (int i = 0; i < recordCount; i++) {
            try {
                cursor.advance();
            } catch (CorruptBatchException e) {
                return new Malformed("records", "record " + i + ": " + e.getMessage());
            }
            if (cursor.offsetDelta() != i) {
                return new Malformed(
                        "records", "record " + i + ": offsetDelta " + cursor.offsetDelta());
            }
            maxTimestampDelta = Math.max(maxTimestampDelta, cursor.timestampDelta());
        }
        if (cursor.remainingBytes() != 0) {
            return new Malformed(
                    "records",
                    cursor.remainingBytes()
                            + " bytes after the last of "
                            + recordCount
                            + " records");
        }
        if (batch.baseTimestampMs() + maxTimestampDelta != batch.maxTimestampMs()) {
            return new Malformed(
                    "maxTimestampMs",
                    "maxTimestampMs "
                            + batch.maxTimestampMs()
                            + "; the records' largest is "
                            + (batch.baseTimestampMs() + maxTimestampDelta));
        }
        return new Valid(batch);
    }
}
