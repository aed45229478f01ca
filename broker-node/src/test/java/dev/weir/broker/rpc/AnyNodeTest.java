// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.Acks;
import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.Subscribe;
import dev.weir.api.v1.TopicDescription;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.ThreeNodes;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Three real nodes; every partition has one replica, and whoever is asked for it is one of the
/// other two.
class AnyNodeTest {

    private static final int PARTITIONS = 3;

    @TempDir private static Path directory;

    private static ThreeNodes cluster;
    private static TopicRef topic;

    /// A partition, and a node that does not lead it.
    private record Elsewhere(int partition, int leader, ApiClient other) {}

    @BeforeAll
    static void start() {
        cluster = ThreeNodes.start(directory, Map.of());
        topic = topic("elsewhere");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static TopicRef topic(String name) {
        var request =
                CreateTopicRequest.newBuilder()
                        .setName(name)
                        .setPartitions(PARTITIONS)
                        .setReplicationFactor(1);
        var created = client(1).admin().createTopic(request.build());
        for (int node = 1; node <= 3; node++) {
            describe(node, ApiClient.topic(name), created.getMetadataOffset());
        }
        return ApiClient.topic(name);
    }

    private static TopicDescription describe(int node, TopicRef of, long minMetadataOffset) {
        var request =
                DescribeTopicRequest.newBuilder()
                        .setTopic(of)
                        .setMinMetadataOffset(minMetadataOffset);
        return client(node).metadata().describeTopic(request.build()).getTopic();
    }

    private static ApiClient client(int node) {
        return new ApiClient(cluster.channel(node));
    }

    private static List<Elsewhere> elsewhere(TopicRef of) {
        var description = describe(1, of, 0);
        var all = new ArrayList<Elsewhere>();
        for (var partition : description.getPartitionsList()) {
            int leader = partition.getLeader();
            all.add(new Elsewhere(partition.getPartition(), leader, client(leader == 1 ? 2 : 1)));
        }
        return all;
    }

    private static ProduceRequest request(long id, int partition, ByteBuffer batch) {
        return ApiClient.request(id, topic, batch).toBuilder().setPartition(partition).build();
    }

    @Test
    void producesReadsAndFindsOffsetsThroughANodeThatDoesNotLead() {
        var own = topic("round");
        for (var at : elsewhere(own)) {
            var receipt =
                    at.other
                            .produce()
                            .append(
                                    AppendRequest.newBuilder()
                                            .setTopic(own)
                                            .setPartition(at.partition)
                                            .setRecords(ApiClient.records("a", "b"))
                                            .build())
                            .getReceipts(0);
            var read =
                    at.other
                            .fetch()
                            .read(
                                    ReadRequest.newBuilder()
                                            .setTopic(own)
                                            .setPartition(at.partition)
                                            .setLeaderEpoch(receipt.getLeaderEpoch())
                                            .setStart(StartPosition.newBuilder().setEarliest(true))
                                            .build());
            var end =
                    at.other
                            .fetch()
                            .listOffsets(
                                    ListOffsetsRequest.newBuilder()
                                            .setTopic(own)
                                            .setPartition(at.partition)
                                            .setPosition(StartPosition.newBuilder().setLatest(true))
                                            .build());

            assertThat(receipt.getReplicasList()).containsExactly(at.leader);
            assertThat(read.getRecordsList())
                    .extracting(record -> record.getValue().toStringUtf8())
                    .containsExactly("a", "b");
            assertThat(end.getOffset()).isEqualTo(2);
        }
    }

    @Test
    void aReadThroughAnotherNodeWaitsForItsFirstRecord() throws Exception {
        var own = topic("wait");
        var at = elsewhere(own).getFirst();
        var waiting =
                FetchServiceGrpc.newFutureStub(at.other.channel())
                        .read(
                                ReadRequest.newBuilder()
                                        .setTopic(own)
                                        .setPartition(at.partition)
                                        .setMaxWaitMs(20_000)
                                        .setStart(StartPosition.newBuilder().setEarliest(true))
                                        .build());

        at.other
                .produce()
                .append(
                        AppendRequest.newBuilder()
                                .setTopic(own)
                                .setPartition(at.partition)
                                .setRecords(ApiClient.records("came"))
                                .build());

        assertThat(waiting.get(20, TimeUnit.SECONDS).getRecords(0).getValue().toStringUtf8())
                .isEqualTo("came");
    }

    @Test
    void oneStreamWritesToAllLeadersAndItsCreditComesBack() {
        var stream =
                RecordedStream.<ProduceRequest, ProduceResponse>open(
                        ProduceServiceGrpc.newStub(cluster.channel(1))::produce);
        long owed = 0;
        for (int i = 0; i < 15; i++) {
            var request =
                    request(
                            i + 1,
                            i % PARTITIONS,
                            ApiClient.sequenced(77, 0, i / PARTITIONS, "v" + i));
            if (i == 0) {
                request = request.toBuilder().setAcks(Acks.ACKS_LEADER).build();
            }
            owed += request.getSerializedSize();
            stream.send(request);
        }

        for (int i = 0; i < 15; i++) {
            var answer = stream.next();
            assertThat(answer.hasError()).as("%s", answer).isFalse();
            owed -= answer.getCreditBytes();
        }
        stream.complete();
        stream.awaitCompletion();
        assertThat(owed).isZero();
    }

    @Test
    void whoAsksForNoAnswerGetsHisCreditBack() {
        var at = elsewhere(topic).get(2);
        var stream =
                RecordedStream.<ProduceRequest, ProduceResponse>open(
                        ProduceServiceGrpc.newStub(at.other.channel())::produce);
        var request =
                request(1, at.partition, batch("silent")).toBuilder()
                        .setAcks(Acks.ACKS_NONE)
                        .build();

        stream.send(request);

        var answer = stream.next();
        assertThat(answer.getRequestId()).isZero();
        assertThat(answer.getCreditBytes()).isEqualTo(request.getSerializedSize());
    }

    @Test
    void recordsWithKeysGoToAllPartitionsWhoeverLeadsThem() {
        var own = topic("keys");
        var records = RecordSet.newBuilder();
        for (int i = 0; i < 30; i++) {
            records.addRecords(
                    NewRecord.newBuilder()
                            .setKey(ByteString.copyFromUtf8("k" + i))
                            .setValue(ByteString.copyFromUtf8("v" + i)));
        }

        var answer =
                client(1)
                        .produce()
                        .append(
                                AppendRequest.newBuilder()
                                        .setTopic(own)
                                        .setRecords(records)
                                        .build());

        assertThat(answer.getReceiptsCount()).isEqualTo(PARTITIONS);
        assertThat(answer.getPositionsCount()).isEqualTo(30);
    }

    @Test
    void whoNamesALeaderEpochHearsWhoLeadsInstead() {
        var at = elsewhere(topic).get(1);

        var refusal =
                refusal(
                        () ->
                                at.other
                                        .produce()
                                        .append(
                                                AppendRequest.newBuilder()
                                                        .setTopic(topic)
                                                        .setPartition(at.partition)
                                                        .setLeaderEpoch(0)
                                                        .setRecords(ApiClient.records("v"))
                                                        .build()));

        assertThat(refusal.reason()).isEqualTo(ErrorReason.NOT_LEADER);
        assertThat(refusal.metadata("leader_hint")).isEqualTo(String.valueOf(at.leader));
        assertThat(refusal.metadata("epoch")).isEqualTo("0");
    }

    @Test
    void whatWasForwardedIsNotForwardedOn() {
        var at = elsewhere(topic).get(1);
        int other = at.leader == 1 ? 2 : 1;
        var internal = internal(other);
        try {
            var append =
                    AppendRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(at.partition)
                            .setRecords(ApiClient.records("v"))
                            .build();
            var read =
                    ReadRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(at.partition)
                            .setStart(StartPosition.newBuilder().setEarliest(true))
                            .build();

            var produced = refusal(() -> new ApiClient(internal).produce().append(append));
            var fetched = refusal(() -> new ApiClient(internal).fetch().read(read));

            assertThat(produced.reason()).isEqualTo(ErrorReason.NOT_LEADER);
            assertThat(produced.metadata("leader_hint")).isEqualTo(String.valueOf(at.leader));
            assertThat(fetched.reason()).isEqualTo(ErrorReason.NOT_LEADER);
        } finally {
            internal.shutdownNow();
        }
    }

    private static ManagedChannel internal(int node) {
        var address = cluster.internalAddress(node);
        return NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .build();
    }

    @Test
    void oneFetchStreamReadsFromAllLeaders() {
        var own = topic("fetched");
        for (var at : elsewhere(own)) {
            at.other
                    .produce()
                    .append(
                            AppendRequest.newBuilder()
                                    .setTopic(own)
                                    .setPartition(at.partition)
                                    .setRecordBatch(ByteString.copyFrom(batch("p" + at.partition)))
                                    .build());
        }
        var stream =
                RecordedStream.<FetchRequest, FetchResponse>open(
                        FetchServiceGrpc.newStub(cluster.channel(1))::fetch);

        for (int p = 0; p < PARTITIONS; p++) {
            stream.send(
                    FetchRequest.newBuilder()
                            .setSubscribe(
                                    Subscribe.newBuilder()
                                            .setSubscriptionId(10 + p)
                                            .setTopic(own)
                                            .setPartition(p)
                                            .setStart(StartPosition.newBuilder().setEarliest(true)))
                            .build());
        }
        stream.send(FetchRequest.newBuilder().setGrantBytes(1_000_000).build());

        var firsts = new ArrayList<Integer>();
        var pushes = new ArrayList<Integer>();
        while (pushes.size() < PARTITIONS) {
            var answer = stream.next();
            assertThat(answer.hasError()).as("%s", answer).isFalse();
            if (answer.getRecordBatches().isEmpty()) {
                assertThat(answer.hasStartOffset()).isTrue();
                assertThat(answer.getHighWatermark()).isEqualTo(1);
                firsts.add(answer.getSubscriptionId());
            } else {
                pushes.add(answer.getSubscriptionId());
            }
        }
        assertThat(firsts).containsExactlyInAnyOrder(10, 11, 12);
        assertThat(pushes).containsExactlyInAnyOrder(10, 11, 12);
    }

    @Test
    void withoutCreditNothingComesFromAnotherNode() {
        var at = elsewhere(topic).get(1);
        at.other
                .produce()
                .append(
                        AppendRequest.newBuilder()
                                .setTopic(topic)
                                .setPartition(at.partition)
                                .setRecordBatch(ByteString.copyFrom(batch("held")))
                                .build());
        var stream =
                RecordedStream.<FetchRequest, FetchResponse>open(
                        FetchServiceGrpc.newStub(at.other.channel())::fetch);
        stream.send(
                FetchRequest.newBuilder()
                        .setSubscribe(
                                Subscribe.newBuilder()
                                        .setSubscriptionId(1)
                                        .setTopic(topic)
                                        .setPartition(at.partition)
                                        .setStart(StartPosition.newBuilder().setEarliest(true)))
                        .build());
        assertThat(stream.next().hasStartOffset()).isTrue();
        // The stream's answers are in order: were something pushed before, it would come first.
        stream.send(subscribeTo(2, 99));
        assertThat(stream.next().getSubscriptionId()).isEqualTo(2);

        stream.send(FetchRequest.newBuilder().setGrantBytes(1).build());

        assertThat(stream.next().getRecordBatches().isEmpty()).isFalse();
    }

    private static FetchRequest subscribeTo(int id, int partition) {
        return FetchRequest.newBuilder()
                .setSubscribe(
                        Subscribe.newBuilder()
                                .setSubscriptionId(id)
                                .setTopic(topic)
                                .setPartition(partition)
                                .setStart(StartPosition.newBuilder().setEarliest(true)))
                .build();
    }

    @Test
    void aRefusalOfTheLeaderComesThroughWithItsDetails() {
        var at = elsewhere(topic).get(1);

        var refusal =
                refusal(
                        () ->
                                at.other
                                        .fetch()
                                        .read(
                                                ReadRequest.newBuilder()
                                                        .setTopic(topic)
                                                        .setPartition(at.partition)
                                                        .setStart(
                                                                StartPosition.newBuilder()
                                                                        .setOffset(1_000_000))
                                                        .build()));

        assertThat(refusal.reason()).isEqualTo(ErrorReason.OFFSET_OUT_OF_RANGE);
        assertThat(refusal.status().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE.value());
        assertThat(refusal.metadata("log_start")).isEqualTo("0");
    }
}
