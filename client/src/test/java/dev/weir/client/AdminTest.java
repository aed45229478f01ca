// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AlterTopicRequest;
import dev.weir.api.v1.AlterTopicResponse;
import dev.weir.api.v1.ConfigEntry;
import dev.weir.api.v1.ConfigSource;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.CreateTopicResponse;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.DescribeQuorumResponse;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.QuorumVoter;
import dev.weir.api.v1.TopicDescription;
import dev.weir.api.v1.WatchMetadataRequest;
import dev.weir.api.v1.WatchMetadataResponse;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/// Administration over an in-process transport. The first bootstrap address is nobody's.
@Timeout(30)
class AdminTest {

    private final AtomicInteger createCalls = new AtomicInteger();
    private final AtomicInteger quorumCalls = new AtomicInteger();
    private final AtomicInteger watches = new AtomicInteger();
    private Server server;
    private WeirClient client;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        server =
                InProcessServerBuilder.forName("node:1")
                        .addService(new FakeAdmin())
                        .addService(new FakeMetadata())
                        .build()
                        .start();
        var config =
                new ConnectionConfig(
                        List.of("nobody:1", "node:1"),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(500),
                        LeaderRouting.DIRECT);
        client =
                new WeirClient(
                        config,
                        address -> InProcessChannelBuilder.forName(address).build(),
                        () -> {});
        admin = client.admin();
    }

    @AfterEach
    void stop() {
        client.close();
        server.shutdownNow();
    }

    @Test
    void findsANodeThatAnswers() {
        assertThat(admin.serverInfo().clusterId()).isEqualTo("fake");
    }

    @Test
    void aTopicIsCreatedAndDescribedInTypes() {
        var topic =
                admin.createTopic(
                        new NewTopic("t", 1, 0, Map.of("segment.bytes", "1048576")), false);

        assertThat(topic.id()).isEqualTo("01020304");
        assertThat(topic.metadataOffset()).isEqualTo(12);
        var partition = topic.partitions().getFirst();
        assertThat(partition.leader()).hasValue(1);
        assertThat(partition.highWatermark()).isEqualTo(OptionalLong.of(10));
        assertThat(partition.logStartOffset()).isEmpty();
        assertThat(topic.configs())
                .containsExactly(
                        new ConfigValue(
                                "segment.bytes", "1048576", "topic", "268435456", "", true));
    }

    @Test
    void aChangeIsNotSentAgainWhenItMayHaveBeenMade() {
        assertThatThrownBy(() -> admin.createTopic(NewTopic.of("cut", 1), false))
                .isInstanceOf(ClientException.Unreachable.class);
        assertThat(createCalls).hasValue(1);
    }

    @Test
    void aChangeIsSentAgainWhenTheServerSaysThatItWasNotMade() {
        admin.createTopic(NewTopic.of("no-controller", 1), false);

        assertThat(createCalls).hasValue(3);
    }

    @Test
    void aRefusalKeepsCodeReasonAndMetadata() {
        assertThatThrownBy(() -> admin.createTopic(NewTopic.of("exists", 1), false))
                .isInstanceOfSatisfying(
                        ClientException.Refused.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
                            assertThat(e.reason()).isEqualTo("TOPIC_EXISTS");
                            assertThat(e.metadata()).containsEntry("who", "fake");
                            assertThat(e.retryDelay()).isEmpty();
                        });
    }

    @Test
    void aQuestionIsAskedAgainUntilItIsAnswered() {
        var quorum = admin.describeQuorum();

        assertThat(quorumCalls).hasValue(3);
        assertThat(quorum.leaderId()).isEqualTo(OptionalInt.empty());
        assertThat(quorum.voters())
                .containsExactly(new QuorumDescription.Voter(1, "p1", "h:1", OptionalLong.empty()));
    }

    @Test
    void warningsOfAChangeAreHandedOn() {
        var altered = admin.alterTopic("t", new TopicChange(4, Map.of(), List.of()), false);

        assertThat(altered.warnings()).containsExactly("keys move");
    }

    @Test
    void aWatchGoesOnWhereItWasCut() {
        try (var watch = admin.watchMetadata(OptionalLong.empty())) {
            for (int offset = 1; offset <= 6; offset++) {
                assertThat(watch.next(Duration.ofSeconds(10)).orElseThrow().getMetadataOffset())
                        .isEqualTo(offset);
            }
            assertThat(watches).hasValueGreaterThan(1);
            assertThat(watch.next(Duration.ofMillis(1))).isEmpty();
        }
    }

    private static RuntimeException refusal(Status.Code code, String reason, long retryDelayMs) {
        return StatusProto.toStatusRuntimeException(FakeNode.status(code, reason, retryDelayMs));
    }

    private final class FakeAdmin extends AdminServiceGrpc.AdminServiceImplBase {

        @Override
        public void createTopic(
                CreateTopicRequest request, StreamObserver<CreateTopicResponse> answer) {
            int call = createCalls.incrementAndGet();
            if (request.getName().equals("no-controller") && call < 3) {
                answer.onError(refusal(Status.Code.UNAVAILABLE, "NO_CONTROLLER", 5));
                return;
            }
            switch (request.getName()) {
                case "cut" -> answer.onError(Status.UNAVAILABLE.asRuntimeException());
                case "exists" ->
                        answer.onError(refusal(Status.Code.ALREADY_EXISTS, "TOPIC_EXISTS", 0));
                default -> {
                    answer.onNext(
                            CreateTopicResponse.newBuilder()
                                    .setMetadataOffset(12)
                                    .setTopic(
                                            TopicDescription.newBuilder()
                                                    .setName(request.getName())
                                                    .setId(
                                                            com.google.protobuf.ByteString.copyFrom(
                                                                    new byte[] {1, 2, 3, 4}))
                                                    .addPartitions(
                                                            PartitionDescription.newBuilder()
                                                                    .setLeader(1)
                                                                    .setHighWatermark(10))
                                                    .addConfigs(
                                                            ConfigEntry.newBuilder()
                                                                    .setName("segment.bytes")
                                                                    .setValue("1048576")
                                                                    .setDefaultValue("268435456")
                                                                    .setSource(
                                                                            ConfigSource
                                                                                    .CONFIG_SOURCE_TOPIC)
                                                                    .setDynamic(true)))
                                    .build());
                    answer.onCompleted();
                }
            }
        }

        @Override
        public void alterTopic(
                AlterTopicRequest request, StreamObserver<AlterTopicResponse> answer) {
            answer.onNext(AlterTopicResponse.newBuilder().addWarnings("keys move").build());
            answer.onCompleted();
        }
    }

    private final class FakeMetadata extends MetadataServiceGrpc.MetadataServiceImplBase {

        @Override
        public void getServerInfo(
                GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> answer) {
            answer.onNext(GetServerInfoResponse.newBuilder().setClusterId("fake").build());
            answer.onCompleted();
        }

        @Override
        public void describeQuorum(
                DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> answer) {
            if (quorumCalls.incrementAndGet() < 3) {
                answer.onError(refusal(Status.Code.UNAVAILABLE, "NODE_NOT_READY", 1));
                return;
            }
            answer.onNext(
                    DescribeQuorumResponse.newBuilder()
                            .addVoters(
                                    QuorumVoter.newBuilder()
                                            .setNodeId(1)
                                            .setPeerId("p1")
                                            .setAddress("h:1"))
                            .build());
            answer.onCompleted();
        }

        @Override
        public void watchMetadata(
                WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> answer) {
            boolean isFirst = watches.incrementAndGet() == 1;
            for (long offset = request.getAfterOffset() + 1;
                    offset <= (isFirst ? 3 : 6);
                    offset++) {
                answer.onNext(WatchMetadataResponse.newBuilder().setMetadataOffset(offset).build());
            }
            if (isFirst) {
                answer.onError(Status.UNAVAILABLE.asRuntimeException());
            }
        }
    }
}
