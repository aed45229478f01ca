// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.stream.IntStream;

/// Direct buffers for reads through channels, kept by size class.
///
/// Bounded in what it keeps, not in what it lends: the caller's budget of bytes in flight bounds
/// that.
///
/// **Threading:** any thread.
public final class ReadBuffers {

    private static final int SMALLEST_SHIFT = 16;
    private static final int LARGEST_SHIFT = 21;
    private static final int KEPT_PER_CLASS = 16;

    private final List<ArrayBlockingQueue<ByteBuffer>> classes =
            IntStream.rangeClosed(SMALLEST_SHIFT, LARGEST_SHIFT)
                    .mapToObj(_ -> new ArrayBlockingQueue<ByteBuffer>(KEPT_PER_CLASS))
                    .toList();

    /// A cleared buffer of at least this many bytes.
    ByteBuffer take(int bytes) {
        var shift = shiftFor(bytes);
        if (shift > LARGEST_SHIFT) {
            return ByteBuffer.allocateDirect(bytes);
        }
        var kept = classes.get(shift - SMALLEST_SHIFT).poll();
        return kept != null ? kept.clear() : ByteBuffer.allocateDirect(1 << shift);
    }

    /// Takes a buffer back; nobody may use it any more.
    void give(ByteBuffer buffer) {
        var shift = shiftFor(buffer.capacity());
        if (shift <= LARGEST_SHIFT && buffer.capacity() == 1 << shift) {
            var _ = classes.get(shift - SMALLEST_SHIFT).offer(buffer);
        }
    }

    private static int shiftFor(int bytes) {
        return Math.max(SMALLEST_SHIFT, Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1));
    }
}
