// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// The records of one batch, in order.
///
/// Records of an uncompressed batch share the batch's memory. A compressed batch is decompressed
/// when the reader is opened, within [RecordLimits]; a bomb is refused while it unfolds, never
/// allocated. The CRC is not checked here: [BatchValidator#checkStored] does that. Control batches
/// are read like any other; leaving them out is the caller's part. One thread at a time.
///
/// `next` throws [CorruptBatchException] where the bytes stop being records; the records returned
/// before stand.
public final class RecordReader implements Iterator<Record> {

    private final RecordBatch batch;
    private final RecordCursor cursor;
    private final int recordCount;
    private final long baseOffset;
    private final long baseTimestampMs;
    private final boolean isLogAppendTime;
    private final int lastOffsetDelta;
    private int recordsRead;
    private int offsetDelta = -1;

    private RecordReader(RecordBatch batch, ByteBuffer records) {
        this.batch = batch;
        this.cursor = new RecordCursor(records, 0, records.limit());
        this.recordCount = batch.recordCount();
        this.baseOffset = batch.baseOffset();
        this.baseTimestampMs = batch.baseTimestampMs();
        this.isLogAppendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        this.lastOffsetDelta = batch.lastOffsetDelta();
    }

    /// Opens a complete batch.
    ///
    /// @throws CorruptBatchException if magic, codec or count are none, or the block does not
    ///   decompress
    /// @throws DecompressedSizeExceededException if it decompresses to more than `limits` allow
    public static RecordReader open(RecordBatch batch, RecordLimits limits) {
        if (batch.magic() != RecordBatchFormat.MAGIC) {
            throw new CorruptBatchException("magic " + batch.magic());
        }
        if (batch.recordCount() < 0) {
            throw new CorruptBatchException("recordCount " + batch.recordCount());
        }
        var reader =
                new RecordReader(
                        batch, Codecs.decompress(batch.compression(), batch.records(), limits));
        reader.checkNoBytesAfterTheLastRecord();
        return reader;
    }

    /// The batch that is read.
    public RecordBatch batch() {
        return batch;
    }

    @Override
    public boolean hasNext() {
        return recordsRead < recordCount;
    }

    @Override
    public Record next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        cursor.advance();
        if (cursor.offsetDelta() <= offsetDelta || cursor.offsetDelta() > lastOffsetDelta) {
            throw new CorruptBatchException(
                    "offsetDelta "
                            + cursor.offsetDelta()
                            + " after "
                            + offsetDelta
                            + " with lastOffsetDelta "
                            + lastOffsetDelta);
        }
        offsetDelta = cursor.offsetDelta();
        recordsRead++;
        checkNoBytesAfterTheLastRecord();
        long timestampMs =
                isLogAppendTime
                        ? batch.maxTimestampMs()
                        : baseTimestampMs + cursor.timestampDelta();
        return new Record(
                baseOffset + offsetDelta,
                timestampMs,
                cursor.key(),
                cursor.value(),
                cursor.headers());
    }

    private void checkNoBytesAfterTheLastRecord() {
        if (recordsRead == recordCount && cursor.remainingBytes() != 0) {
            throw new CorruptBatchException(
                    cursor.remainingBytes()
                            + " bytes after the last of "
                            + recordCount
                            + " records");
        }
    }
}
