// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.disk.DiskFile;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Headers of the batches of a segment, by position, from memory or through the channel.
///
/// **Threading:** one thread an instance.
abstract class BatchHeaders implements AutoCloseable {

    private static final int WINDOW_BYTES = 64 << 10;

    private final Path path;

    BatchHeaders(Path path) {
        this.path = path;
    }

    /// The header of the batch at a position, checked for sanity: it and its batch end at or before
    /// `end`. Valid until the next call.
    ///
    /// @throws LogException.CorruptLogException if there is no such batch
    final RecordBatch at(int position, int end) {
        var header = header(position, end);
        if (header != null && isSane(header, position, end)) {
            return header;
        }
        throw new LogException.CorruptLogException(
                path,
                position,
                "a batch that ends at or before " + end,
                header == null ? "too few bytes" : header.toString());
    }

    private static boolean isSane(RecordBatch header, int position, int end) {
        return BatchValidator.checkStoredHeader(header.buffer(), header.position(), end - position)
                instanceof BatchCheck.Valid;
    }

    abstract @Nullable RecordBatch header(int position, int end);

    @Override
    public abstract void close();

    /// Headers in a mapping. The caller holds the region.
    static BatchHeaders mapped(Path path, MappedRegion region) {
        var view = region.view();
        return new BatchHeaders(path) {
            @Override
            @Nullable RecordBatch header(int position, int end) {
                return position > end - RecordBatchFormat.HEADER_BYTES
                        ? null
                        : RecordBatch.peek(view, position);
            }

            @Override
            public void close() {}
        };
    }

    /// Headers through the channel, a window at a time. The caller holds the segment.
    static BatchHeaders channel(Path path, DiskFile file, ReadBuffers buffers) {
        return new Channel(path, file, buffers);
    }

    private static final class Channel extends BatchHeaders {

        private final DiskFile file;
        private final ReadBuffers buffers;
        private final ByteBuffer window;
        private int windowAt;

        Channel(Path path, DiskFile file, ReadBuffers buffers) {
            super(path);
            this.file = file;
            this.buffers = buffers;
            this.window = buffers.take(WINDOW_BYTES).limit(0);
        }

        @Override
        @Nullable RecordBatch header(int position, int end) {
            if (position > end - RecordBatchFormat.HEADER_BYTES) {
                return null;
            }
            if (position < windowAt
                    || position > windowAt + window.limit() - RecordBatchFormat.HEADER_BYTES) {
                window.clear().limit(Math.min(WINDOW_BYTES, end - position));
                file.read(position, window);
                window.flip();
                windowAt = position;
                if (window.limit() < RecordBatchFormat.HEADER_BYTES) {
                    return null;
                }
            }
            return RecordBatch.peek(window, position - windowAt);
        }

        @Override
        public void close() {
            buffers.give(window);
        }
    }
}
