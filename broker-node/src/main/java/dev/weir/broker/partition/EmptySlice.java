// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.log.LogSlice;

import java.nio.ByteBuffer;

/// No batches, at an offset.
///
/// @param baseOffset the offset that was asked for
record EmptySlice(long baseOffset) implements LogSlice {

    @Override
    public ByteBuffer buffer() {
        return ByteBuffer.allocate(0).asReadOnlyBuffer();
    }

    @Override
    public int sizeBytes() {
        return 0;
    }

    @Override
    public long nextOffset() {
        return baseOffset;
    }

    @Override
    public void retain() {}

    @Override
    public void release() {}
}
