// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;

import dev.weir.api.v1.ProduceRequest;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;

/// Reads a produce request with one copy of its batch: from the network's buffers into an array
/// that the message then shares. The stock marshaller copies twice.
///
/// The bytes on the wire are the same; whatever this one does not know it leaves to the stock one.
final class ProduceRequestMarshaller implements Marshaller<ProduceRequest> {

    private final Marshaller<ProduceRequest> stock;
    private final int messageBytesMax;

    /// @param stock the generated one
    /// @param messageBytesMax a larger message is not read here
    ProduceRequestMarshaller(Marshaller<ProduceRequest> stock, int messageBytesMax) {
        this.stock = stock;
        this.messageBytesMax = messageBytesMax;
    }

    @Override
    public InputStream stream(ProduceRequest value) {
        return stock.stream(value);
    }

    @Override
    public ProduceRequest parse(InputStream stream) {
        try {
            int size = stream instanceof KnownLength ? stream.available() : 0;
            if (size == 0 || size > messageBytesMax) {
                return stock.parse(stream);
            }
            var bytes = new byte[size];
            if (stream.readNBytes(bytes, 0, size) != size) {
                throw invalid("the message ended early", null);
            }
            // Nobody else holds the array, so fields may be slices of it.
            var input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            input.enableAliasing(true);
            var request =
                    ProduceRequest.parser()
                            .parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
            input.checkLastTagWas(0);
            return request;
        } catch (InvalidProtocolBufferException e) {
            throw invalid("Invalid protobuf byte sequence", e);
        } catch (IOException e) {
            throw invalid("the message could not be read", e);
        }
    }

    private static RuntimeException invalid(String message, @Nullable Throwable cause) {
        return Status.INTERNAL.withDescription(message).withCause(cause).asRuntimeException();
    }
}
