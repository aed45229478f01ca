// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// Batches that lie one after the other in a buffer, in order. May be iterated more than once.
///
/// Iteration checks sizes only and ends at the range's end; a batch that reaches beyond it is a
/// [CorruptBatchException], thrown by `next`, after all complete ones before it were returned.
public final class RecordBatches implements Iterable<RecordBatch> {

    private final ByteBuffer buffer;
    private final int from;
    private final int to;

    private RecordBatches(ByteBuffer buffer, int from, int to) {
        this.buffer = buffer;
        this.from = from;
        this.to = to;
    }

    /// The batches between a buffer's position and its limit.
    ///
    /// @param buffer big-endian; its position and limit are read once, here, and never changed
    public static RecordBatches in(ByteBuffer buffer) {
        return in(buffer, buffer.position(), buffer.limit());
    }

    /// The batches in a range of a buffer.
    ///
    /// @param from absolute index of the first batch
    /// @param to absolute index after the last batch
    public static RecordBatches in(ByteBuffer buffer, int from, int to) {
        if (from < 0 || from > to || to > buffer.limit()) {
            throw new IllegalArgumentException(
                    "from " + from + ", to " + to + ", limit " + buffer.limit());
        }
        return new RecordBatches(buffer.duplicate().limit(to), from, to);
    }

    @Override
    public Iterator<RecordBatch> iterator() {
        return new Iterator<>() {
            private int next = from;

            @Override
            public boolean hasNext() {
                return next < to;
            }

            @Override
            public RecordBatch next() {
                if (next >= to) {
                    throw new NoSuchElementException();
                }
                var batch = RecordBatch.at(buffer, next);
                next += batch.sizeBytes();
                return batch;
            }
        };
    }
}
