// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AlterConfigsRequest;
import dev.weir.api.v1.AlterConfigsResponse;
import dev.weir.api.v1.ConfigScope;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.TopicRef;
import dev.weir.api.v1.WatchMetadataRequest;
import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.broker.TestNode;

import io.grpc.Channel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

class WatchAndConnectionLimitsTest {

    /// More than a watch's queue and all buffers on its way hold.
    private static final int CHANGES = 2_500;

    private static final int CHANGES_AT_A_TIME = 64;

    @TempDir private Path directory;

    @Test
    void refusesCallsOnOneConnectionTooMany() {
        try (var node = TestNode.start(directory, Map.of("connections.max", "1"))) {
            var first = new ApiClient(node.channel());
            var question = GetServerInfoRequest.getDefaultInstance();
            first.metadata().getServerInfo(question);
            var channel = node.connect();
            var second = new ApiClient(channel);

            var refused = refusal(() -> second.metadata().getServerInfo(question));

            assertThat(refused.reason()).isEqualTo(ErrorReason.NODE_OVERLOADED);
            assertThat(refused.saysWhenToRetry()).isTrue();
            assertThat(first.metadata().getServerInfo(question).getNodeId()).isEqualTo(1);
            channel.shutdownNow();
        }
    }

    @Test
    void boundsTheWatchesOfANode() {
        var settings =
                Map.of("connection.calls.max", String.valueOf(MetadataService.WATCHES_MAX + 10));
        try (var node = TestNode.start(directory, settings)) {
            var watches = new ArrayList<RecordedStream<?, WatchMetadataResponse>>();
            for (int i = 0; i < MetadataService.WATCHES_MAX; i++) {
                watches.add(watch(node.channel(), true));
            }
            watches.forEach(watch -> assertThat(watch.next().hasSnapshot()).isTrue());

            var refused = refusal(watch(node.channel(), true).error());

            assertThat(refused.reason()).isEqualTo(ErrorReason.WATCH_LIMIT);
            assertThat(refused.saysWhenToRetry()).isTrue();
        }
    }

    @Test
    void endsAWatchThatIsReadTooSlowly() throws Exception {
        try (var node = TestNode.start(directory, Map.of())) {
            var topic = new ApiClient(node.channel()).createTopic("busy", 1);
            var small =
                    NettyChannelBuilder.forAddress("127.0.0.1", node.node().port())
                            .usePlaintext()
                            .flowControlWindow(1024)
                            .build();
            var watch = watch(small, false);
            watch.read(1);
            assertThat(watch.next().hasSnapshot()).isTrue();

            change(node, topic);
            watch.read(2 * CHANGES);

            var refused = refusal(watch.error());
            assertThat(refused.reason()).isEqualTo(ErrorReason.WATCH_TOO_SLOW);
            assertThat(refused.saysWhenToRetry()).isTrue();
            small.shutdownNow();
        }
    }

    private static void change(TestNode node, TopicRef topic) throws InterruptedException {
        var admin = AdminServiceGrpc.newStub(node.channel());
        var room = new Semaphore(CHANGES_AT_A_TIME);
        for (int i = 0; i < CHANGES; i++) {
            assertThat(room.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            var change =
                    AlterConfigsRequest.newBuilder()
                            .setScope(ConfigScope.newBuilder().setTopic(topic.getName()))
                            .putSet("segment.ms", String.valueOf(1_000_000_000L + i))
                            .build();
            admin.alterConfigs(change, new Released(room));
        }
        assertThat(room.tryAcquire(CHANGES_AT_A_TIME, 20, TimeUnit.SECONDS)).isTrue();
    }

    private static RecordedStream<?, WatchMetadataResponse> watch(Channel channel, boolean reads) {
        var stub = MetadataServiceGrpc.newStub(channel);
        return reads
                ? RecordedStream.open(answers -> start(stub, answers))
                : RecordedStream.openWithoutReading(answers -> start(stub, answers));
    }

    private static StreamObserver<WatchMetadataRequest> start(
            MetadataServiceGrpc.MetadataServiceStub stub,
            StreamObserver<WatchMetadataResponse> answers) {
        stub.watchMetadata(WatchMetadataRequest.getDefaultInstance(), answers);
        return new Nothing();
    }

    /// Gives its place back when a change is answered.
    private record Released(Semaphore room) implements StreamObserver<AlterConfigsResponse> {

        @Override
        public void onNext(AlterConfigsResponse answer) {}

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onCompleted() {
            room.release();
        }
    }

    /// A call that sends nothing more.
    private record Nothing() implements StreamObserver<WatchMetadataRequest> {

        @Override
        public void onNext(WatchMetadataRequest request) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
