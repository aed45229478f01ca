// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import com.google.protobuf.InvalidProtocolBufferException;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// Frames to bytes and back. A frame is written while it is handed to the call, if the call is on a
/// connection already: pushes are sent by servers only, whose calls always are.
final class FrameMarshaller implements Marshaller<Frame> {

    private final FrameReader.From writer;
    private final int messageBytesMax;

    /// @param writer the side whose frames these are
    /// @param messageBytesMax a larger one is not read
    FrameMarshaller(FrameReader.From writer, int messageBytesMax) {
        this.writer = writer;
        this.messageBytesMax = messageBytesMax;
    }

    @Override
    public InputStream stream(Frame frame) {
        return new Outgoing(new FrameWriter(frame));
    }

    @Override
    public Frame parse(InputStream stream) {
        try {
            return new FrameReader(bytesOf(stream), writer).read();
        } catch (InvalidProtocolBufferException e) {
            throw invalid("invalid replication frame", e);
        } catch (IOException e) {
            throw invalid("the frame could not be read", e);
        }
    }

    /// One copy: from the network's buffers.
    private byte[] bytesOf(InputStream stream) throws IOException {
        if (!(stream instanceof KnownLength)) {
            return stream.readNBytes(messageBytesMax);
        }
        int size = stream.available();
        if (size > messageBytesMax) {
            throw invalid("a frame of " + size + " bytes", null);
        }
        var bytes = new byte[size];
        if (stream.readNBytes(bytes, 0, size) != size) {
            throw invalid("the frame ended early", null);
        }
        return bytes;
    }

    private static RuntimeException invalid(String message, @Nullable Throwable cause) {
        return Status.INTERNAL.withDescription(message).withCause(cause).asRuntimeException();
    }

    /// A frame on its way out.
    private static final class Outgoing extends InputStream implements Drainable, KnownLength {

        private final FrameWriter writer;
        private final int size;
        private boolean drained;
        private @Nullable InputStream copy;

        Outgoing(FrameWriter writer) {
            this.writer = writer;
            this.size = writer.sizeBytes();
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            writer.writeTo(target);
            drained = true;
            return size;
        }

        @Override
        public int available() throws IOException {
            return copy == null ? drained ? 0 : size : copy.available();
        }

        @Override
        public int read() throws IOException {
            return copied().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return copied().read(target, offset, length);
        }

        private InputStream copied() {
            if (copy == null) {
                var bytes = new ByteArrayOutputStream(size);
                try {
                    writer.writeTo(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                copy = new ByteArrayInputStream(bytes.toByteArray());
            }
            return copy;
        }
    }
}
