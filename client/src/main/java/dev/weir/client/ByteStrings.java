// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// Received bytes as a buffer with its array at hand, without a copy where they lie in one piece. A
/// read-only buffer would hide the array, and CRC and codecs would copy.
final class ByteStrings {

    private ByteStrings() {}

    static ByteBuffer unwrap(ByteString bytes) {
        var piece = new OnePiece(bytes.size());
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, piece);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return piece.buffer == null ? ByteBuffer.wrap(bytes.toByteArray()) : piece.buffer;
    }

    /// Keeps what is written if it comes at once.
    private static final class OnePiece extends ByteOutput {

        private final int size;
        private @Nullable ByteBuffer buffer;

        OnePiece(int size) {
            this.size = size;
        }

        @Override
        public void write(byte value) {
            // One byte is never all of a batch.
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            writeLazy(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (length == size) {
                buffer = ByteBuffer.wrap(value, offset, length).slice();
            }
        }

        @Override
        public void write(ByteBuffer value) {
            writeLazy(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            if (value.remaining() == size && value.hasArray()) {
                buffer = value.slice();
            }
        }
    }
}
