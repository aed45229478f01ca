// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// A batch out of a message that nobody else reads any more, as the buffer that the leader stamps
/// offset and epoch into, without a copy.
final class WritableBytes {

    private WritableBytes() {}

    /// The bytes, writable, big-endian, from index 0 to the limit. The message must not be used
    /// afterwards.
    static ByteBuffer of(ByteString bytes) {
        var taker = new Taker(bytes.size());
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, taker);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return taker.taken();
    }

    private static final class Taker extends ByteOutput {

        private final int size;
        private ByteBuffer taken = ByteBuffer.allocate(0);

        Taker(int size) {
            this.size = size;
        }

        ByteBuffer taken() {
            // Arrays in pieces were gathered; a single one was taken as it is.
            return taken.position() == 0 ? taken : taken.flip();
        }

        @Override
        public void write(byte value) {
            gather(ByteBuffer.wrap(new byte[] {value}));
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            gather(ByteBuffer.wrap(value, offset, length));
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (length == size) {
                taken = ByteBuffer.wrap(value, offset, length).slice();
            } else {
                gather(ByteBuffer.wrap(value, offset, length));
            }
        }

        @Override
        public void write(ByteBuffer value) {
            gather(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            gather(value);
        }

        private void gather(ByteBuffer piece) {
            if (taken.capacity() != size) {
                taken = ByteBuffer.allocate(size);
            }
            taken.put(piece);
        }
    }
}
