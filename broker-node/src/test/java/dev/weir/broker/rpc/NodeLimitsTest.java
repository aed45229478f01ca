// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;
import static dev.weir.broker.rpc.ApiClient.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.broker.TestNode;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class NodeLimitsTest {

    @Test
    void endsStreamsThatSayNothing(@TempDir Path directory) {
        try (var node = TestNode.start(directory, Map.of("stream.idle.ms", "200"))) {
            var client = new ApiClient(node.channel());
            var topic = client.createTopic("quiet", 1);
            var produce = produce(node);
            produce.send(request(1, topic, batch("a")));
            assertThat(produce.next().getReceiptsList()).hasSize(1);
            var fetch = fetch(node);

            assertThat(refusal(produce.error()).reason()).isEqualTo(ErrorReason.IDLE_STREAM);
            assertThat(refusal(fetch.error()).reason()).isEqualTo(ErrorReason.IDLE_STREAM);
        }
    }

    @Test
    void refusesAMessageAboveTheTransportsLimit(@TempDir Path directory) {
        try (var node = TestNode.start(directory, Map.of())) {
            var client = new ApiClient(node.channel());
            var topic = client.createTopic("huge", 1);
            var huge =
                    AppendRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(0)
                            .setRecordBatch(ByteString.copyFrom(new byte[5 << 20]))
                            .build();

            var refused =
                    catchThrowableOfType(
                            StatusRuntimeException.class, () -> client.produce().append(huge));

            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(client.append(topic, batch("small")).getBaseOffset()).isZero();
        }
    }

    @Test
    void saysThatItServesAndEndsItsStreamsWhenItStops(@TempDir Path directory) {
        var node = TestNode.start(directory, Map.of());
        var client = new ApiClient(node.channel());
        var topic = client.createTopic("stops", 1);
        var health = HealthGrpc.newBlockingStub(node.channel());
        assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(ServingStatus.SERVING);
        var produce = produce(node);
        produce.send(request(1, topic, batch("a")));
        produce.next();
        var fetch = fetch(node);
        fetch.send(FetchRequest.newBuilder().setGrantBytes(1).build());

        node.node().close();

        assertThat(refusal(produce.error()).reason()).isEqualTo(ErrorReason.NODE_STOPPING);
        assertThat(refusal(fetch.error()).reason()).isEqualTo(ErrorReason.NODE_STOPPING);
        node.close();
    }

    private static RecordedStream<ProduceRequest, ProduceResponse> produce(TestNode node) {
        return RecordedStream.open(ProduceServiceGrpc.newStub(node.channel())::produce);
    }

    private static RecordedStream<FetchRequest, FetchResponse> fetch(TestNode node) {
        return RecordedStream.open(FetchServiceGrpc.newStub(node.channel())::fetch);
    }
}
