// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.Acks;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.TopicRef;

import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Random;

class ProduceRequestMarshallerTest {

    private final ProduceRequestMarshaller marshaller =
            new ProduceRequestMarshaller(
                    ProduceServiceGrpc.getProduceMethod().getRequestMarshaller(), 1 << 20);

    @Test
    void readsWhatTheStockMarshallerReads() {
        var random = new Random(7);
        for (int size : new int[] {0, 1, 100, 5_000, 700_000}) {
            var batch = new byte[size];
            random.nextBytes(batch);
            var request =
                    ProduceRequest.newBuilder()
                            .setRequestId(random.nextLong())
                            .setTopic(TopicRef.newBuilder().setName("orders"))
                            .setPartition(3)
                            .setAcks(Acks.ACKS_LEADER)
                            .setRecordBatch(ByteString.copyFrom(batch))
                            .build();

            assertThat(marshaller.parse(sized(request.toByteArray()))).isEqualTo(request);
        }
        var structured =
                ProduceRequest.newBuilder().setRecords(ApiClient.records("a", "b")).build();
        assertThat(marshaller.parse(sized(structured.toByteArray()))).isEqualTo(structured);
    }

    @Test
    void givesOutABatchThatCanBeStampedWithoutTouchingItsNeighbours() {
        var request =
                ProduceRequest.newBuilder()
                        .setRequestId(1)
                        .setRecordBatch(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}))
                        .build();
        var parsed = marshaller.parse(sized(request.toByteArray()));

        var batch = WritableBytes.of(parsed.getRecordBatch());

        assertThat(batch.position()).isZero();
        assertThat(batch.capacity()).isEqualTo(8);
        batch.putLong(0, -1);
        assertThat(parsed.getRequestId()).isEqualTo(1);
        assertThat(parsed.getRecordBatch().byteAt(7)).isEqualTo((byte) -1);
    }

    @Test
    void refusesBytesThatAreNoMessage() {
        var good =
                ProduceRequest.newBuilder()
                        .setRecordBatch(ByteString.copyFrom(new byte[100]))
                        .build()
                        .toByteArray();
        var cut = Arrays.copyOf(good, good.length - 1);

        assertThatThrownBy(() -> marshaller.parse(sized(cut)))
                .isInstanceOf(StatusRuntimeException.class)
                .satisfies(
                        e ->
                                assertThat(((StatusRuntimeException) e).getStatus().getCode())
                                        .isEqualTo(Status.Code.INTERNAL));
    }

    private static Sized sized(byte[] bytes) {
        return new Sized(bytes);
    }

    /// As the network's streams are.
    private static final class Sized extends ByteArrayInputStream implements KnownLength {

        Sized(byte[] bytes) {
            super(bytes);
        }
    }
}
