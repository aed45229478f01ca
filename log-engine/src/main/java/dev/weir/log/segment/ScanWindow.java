// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.disk.DiskFile;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatchFormat;

import java.nio.ByteBuffer;

/// Whole batches of a file, read one after the other through the channel, each checked by CRC.
///
/// For recovery and for tools: slow disks and damaged bytes are expected, mappings are not used.
///
/// **Threading:** one thread.
public final class ScanWindow {

    /// Largest batch there may be. A length above it is damage.
    public static final int BATCH_BYTES_MAX = 64 << 20;

    private static final int WINDOW_BYTES = 1 << 20;

    private final DiskFile file;
    private final long sizeBytes;
    private ByteBuffer window;
    private long windowAt;
    private long bytesRead;

    /// @param sizeBytes where to stop, at most the file's size
    public ScanWindow(DiskFile file, long sizeBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.window = ByteBuffer.allocateDirect((int) Math.min(WINDOW_BYTES, sizeBytes)).limit(0);
    }

    /// Bytes read so far.
    public long bytesRead() {
        return bytesRead;
    }

    /// Checks the batch at a position: header, completeness, CRC.
    ///
    /// @return `Valid` with a view that lives until the next call
    public BatchCheck batchAt(long position) {
        var left = (int) Math.min(BATCH_BYTES_MAX, sizeBytes - position);
        load(position, Math.min(left, RecordBatchFormat.HEADER_BYTES));
        var at = (int) (position - windowAt);
        var header = BatchValidator.checkStoredHeader(window, at, left);
        if (!(header instanceof BatchCheck.Valid(var batch))) {
            return header;
        }
        load(position, batch.sizeBytes());
        return BatchValidator.checkStored(window, (int) (position - windowAt), left);
    }

    /// Whether all bytes from a position to the end are zero: space that was never written.
    public boolean isZeroFrom(long position) {
        for (var at = position; at < sizeBytes; ) {
            var count = (int) Math.min(WINDOW_BYTES, sizeBytes - at);
            load(at, count);
            var from = (int) (at - windowAt);
            for (var i = from; i < from + count; i++) {
                if (window.get(i) != 0) {
                    return false;
                }
            }
            at += count;
        }
        return true;
    }

    /// Makes the window hold these bytes.
    private void load(long position, int count) {
        if (position >= windowAt && position + count <= windowAt + window.limit()) {
            return;
        }
        if (window.capacity() < count) {
            window = ByteBuffer.allocateDirect(count);
        }
        window.clear();
        window.limit((int) Math.min(window.capacity(), sizeBytes - position));
        bytesRead += file.read(position, window);
        window.flip();
        windowAt = position;
    }
}
