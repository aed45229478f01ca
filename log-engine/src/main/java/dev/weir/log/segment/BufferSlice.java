// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogSlice;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// A slice over a buffer that somebody gets back at the end.
final class BufferSlice implements LogSlice {

    private final ByteBuffer bytes;
    private final long baseOffset;
    private final long nextOffset;
    private final Runnable onReleased;
    private final AtomicInteger references = new AtomicInteger(1);

    BufferSlice(ByteBuffer bytes, long baseOffset, long nextOffset, Runnable onReleased) {
        this.bytes = bytes;
        this.baseOffset = baseOffset;
        this.nextOffset = nextOffset;
        this.onReleased = onReleased;
    }

    static LogSlice empty(long offset) {
        return new BufferSlice(ByteBuffer.allocate(0).asReadOnlyBuffer(), offset, offset, () -> {});
    }

    @Override
    public ByteBuffer buffer() {
        if (references.get() <= 0) {
            throw new IllegalStateException("slice was released");
        }
        return bytes.duplicate();
    }

    @Override
    public int sizeBytes() {
        return bytes.limit();
    }

    @Override
    public long baseOffset() {
        return baseOffset;
    }

    @Override
    public long nextOffset() {
        return nextOffset;
    }

    @Override
    public void retain() {
        if (references.getAndIncrement() <= 0) {
            references.decrementAndGet();
            throw new IllegalStateException("slice was released");
        }
    }

    @Override
    public void release() {
        var left = references.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than retained");
        }
        if (left == 0) {
            onReleased.run();
        }
    }
}
