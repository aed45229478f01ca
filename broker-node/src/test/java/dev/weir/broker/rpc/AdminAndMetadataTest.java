// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.refusal;
import static dev.weir.broker.rpc.ApiClient.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.QuotaFailure;

import dev.weir.api.v1.AlterConfigsRequest;
import dev.weir.api.v1.AlterTopicRequest;
import dev.weir.api.v1.ConfigEntry;
import dev.weir.api.v1.ConfigScope;
import dev.weir.api.v1.ConfigSource;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.DeleteTopicRequest;
import dev.weir.api.v1.DescribeClusterRequest;
import dev.weir.api.v1.DescribeConfigsRequest;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.GetMetadataRequest;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.InitProducerRequest;
import dev.weir.api.v1.ListTopicsRequest;
import dev.weir.api.v1.MetadataChange;
import dev.weir.api.v1.TopicImage;
import dev.weir.api.v1.TopicListing;
import dev.weir.api.v1.WatchMetadataRequest;
import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.broker.TestNode;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

class AdminAndMetadataTest {

    @TempDir private static Path directory;
    private static TestNode node;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        node = TestNode.start(directory, Map.of("request.partitions.max", "50"));
        client = new ApiClient(node.channel());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void tellsWhoItIsAndWhichLimitsHold() {
        var info = client.metadata().getServerInfo(GetServerInfoRequest.getDefaultInstance());

        assertThat(info.getClusterId()).isEqualTo(node.config().clusterId().toString());
        assertThat(info.getNodeId()).isEqualTo(1);
        assertThat(info.getVersion()).isNotEmpty();
        assertThat(info.getLimits().getMaxBatchBytes()).isEqualTo((1 << 20) - (4 << 10));
        assertThat(info.getLimits().getMaxInFlightBatches()).isEqualTo(5);
        assertThat(info.getLimits().getMaxPartitionsPerRequest()).isEqualTo(50);
    }

    @Test
    void refusesNamesThatNoTopicCanHave() {
        for (var name :
                List.of(
                        "",
                        ".",
                        "..",
                        "../x",
                        "a/b",
                        "a b",
                        "a\nb",
                        "caf\u00e9",
                        "x".repeat(300))) {
            var refused = refusal(() -> client.createTopic(name, 1));
            assertThat(refused.reason()).as(name).isEqualTo(ErrorReason.INVALID_TOPIC_NAME);
            assertThat(ApiClient.detail(refused.status(), BadRequest.class)).isNotNull();
        }
    }

    @Test
    void refusesTopicsThatCannotBe() {
        client.createTopic("taken", 1);

        assertThat(refusal(() -> client.createTopic("taken", 1)).reason())
                .isEqualTo(ErrorReason.TOPIC_EXISTS);
        assertThat(created(CreateTopicRequest.newBuilder().setReplicationFactor(2)))
                .isEqualTo(ErrorReason.INVALID_REPLICATION_FACTOR);
        assertThat(created(CreateTopicRequest.newBuilder().setPartitions(-1)))
                .isEqualTo(ErrorReason.INVALID_PARTITION_COUNT);
        assertThat(created(CreateTopicRequest.newBuilder().putConfigs("no.such.key", "1")))
                .isEqualTo(ErrorReason.INVALID_CONFIG);
        assertThat(created(CreateTopicRequest.newBuilder().putConfigs("segment.bytes", "x")))
                .isEqualTo(ErrorReason.INVALID_CONFIG);
        var many = refusal(() -> client.createTopic("many", 51));
        assertThat(many.reason()).isEqualTo(ErrorReason.PARTITION_LIMIT);
        assertThat(ApiClient.detail(many.status(), QuotaFailure.class)).isNotNull();
        assertThat(refusal(() -> delete("never-was")).reason())
                .isEqualTo(ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void validatesWithoutChangingAnything() {
        var request = CreateTopicRequest.newBuilder().setName("only-asked").setPartitions(2);

        var answer = client.admin().createTopic(request.setValidateOnly(true).build());

        assertThat(answer.getTopic().getPartitionsCount()).isEqualTo(2);
        assertThat(names()).doesNotContain("only-asked");
    }

    @Test
    void describesATopicWithItsOffsetsAndTheSourcesOfItsConfigs() {
        client.admin()
                .createTopic(
                        CreateTopicRequest.newBuilder()
                                .setName("described")
                                .setPartitions(2)
                                .putConfigs("segment.bytes", "2097152")
                                .build());
        client.append(topic("described"), ApiClient.batch("a", "b"));

        var described =
                client.metadata()
                        .describeTopic(
                                DescribeTopicRequest.newBuilder()
                                        .setTopic(topic("described"))
                                        .build())
                        .getTopic();

        assertThat(described.getId().size()).isEqualTo(16);
        assertThat(described.getPartitionsCount()).isEqualTo(2);
        var partition = described.getPartitions(0);
        assertThat(partition.getLeader()).isEqualTo(1);
        assertThat(partition.getLeaderAddress())
                .isEqualTo(node.config().advertisedAddress().toString());
        assertThat(partition.getIsrList()).containsExactly(1);
        assertThat(partition.getHighWatermark()).isEqualTo(2);
        var segment = config(described.getConfigsList(), "segment.bytes");
        assertThat(segment.getValue()).isEqualTo("2097152");
        assertThat(segment.getSource()).isEqualTo(ConfigSource.CONFIG_SOURCE_TOPIC);
        assertThat(config(described.getConfigsList(), "durability").getSource())
                .isEqualTo(ConfigSource.CONFIG_SOURCE_DEFAULT);
    }

    @Test
    void growsATopicAndWarnsThatKeysMove() {
        client.createTopic("grows", 1);
        var grow = AlterTopicRequest.newBuilder().setTopic(topic("grows"));

        var grown = client.admin().alterTopic(grow.setPartitions(3).build());

        assertThat(grown.getTopic().getPartitionsCount()).isEqualTo(3);
        assertThat(grown.getWarningsList()).hasSize(1);
        assertThat(refusal(() -> client.admin().alterTopic(grow.setPartitions(2).build())).reason())
                .isEqualTo(ErrorReason.INVALID_PARTITION_COUNT);
    }

    @Test
    void setsConfigsOfTheClusterAndShowsThem() {
        var scope = ConfigScope.newBuilder().setCluster(true);

        client.admin()
                .alterConfigs(
                        AlterConfigsRequest.newBuilder()
                                .setScope(scope)
                                .putSet("segment.ms", "86400000")
                                .build());

        var shown =
                client.admin()
                        .describeConfigs(
                                DescribeConfigsRequest.newBuilder().setScope(scope).build());
        assertThat(config(shown.getConfigsList(), "segment.ms").getSource())
                .isEqualTo(ConfigSource.CONFIG_SOURCE_CLUSTER);
        var broker = ConfigScope.newBuilder().setBroker(1);
        var ofBroker =
                client.admin()
                        .describeConfigs(
                                DescribeConfigsRequest.newBuilder().setScope(broker).build());
        assertThat(config(ofBroker.getConfigsList(), "node.id").getValue()).isEqualTo("1");
        var unknown = DescribeConfigsRequest.newBuilder();
        unknown.getScopeBuilder().setBroker(77);
        assertThat(refusal(() -> client.admin().describeConfigs(unknown.build())).reason())
                .isEqualTo(ErrorReason.UNKNOWN_BROKER);
    }

    @Test
    void describesTheClusterAndItsQuorum() {
        var cluster =
                client.metadata().describeCluster(DescribeClusterRequest.getDefaultInstance());
        var quorum = client.metadata().describeQuorum(DescribeQuorumRequest.getDefaultInstance());

        assertThat(cluster.getControllerId()).isEqualTo(1);
        assertThat(cluster.getBrokers(0).getFenced()).isFalse();
        assertThat(quorum.getLeaderId()).isEqualTo(1);
        assertThat(quorum.getVotersCount()).isEqualTo(1);
        assertThat(quorum.getAppliedIndex()).isPositive();
    }

    @Test
    void showsTheImageAsItWasBeforeATopic() {
        long before = metadataOffset();
        client.createTopic("later", 1);

        var past =
                client.metadata()
                        .getMetadata(GetMetadataRequest.newBuilder().setAtOffset(before).build());
        var now = client.metadata().getMetadata(GetMetadataRequest.getDefaultInstance());

        assertThat(past.getMetadataOffset()).isEqualTo(before);
        assertThat(past.getImage().getTopicsList())
                .extracting(TopicImage::getName)
                .doesNotContain("later");
        assertThat(now.getImage().getTopicsList())
                .extracting(TopicImage::getName)
                .contains("later");
        var future = GetMetadataRequest.newBuilder().setAtOffset(1L << 40).build();
        var refused = refusal(() -> client.metadata().getMetadata(future));
        assertThat(refused.reason()).isEqualTo(ErrorReason.METADATA_OFFSET_UNAVAILABLE);
        assertThat(Long.parseLong(refused.metadata("latest"))).isGreaterThanOrEqualTo(before);
    }

    @Test
    void saysThatAnOffsetWasNotReachedBeforeTheCallerGivesUp() {
        var request = ListTopicsRequest.newBuilder().setMinMetadataOffset(1L << 40).build();

        var refused =
                refusal(
                        () ->
                                client.metadata()
                                        .withDeadlineAfter(2, TimeUnit.SECONDS)
                                        .listTopics(request));

        assertThat(refused.reason()).isEqualTo(ErrorReason.METADATA_OFFSET_NOT_REACHED);
        assertThat(refused.saysWhenToRetry()).isTrue();
    }

    @Test
    void tellsAWatcherOfATopicAsItComes() {
        var watch = client.metadata().watchMetadata(WatchMetadataRequest.getDefaultInstance());
        assertThat(watch.next().hasSnapshot()).isTrue();

        client.createTopic("watched", 1);

        assertThat(
                        changeOf(watch, MetadataChange.ChangeCase.TOPIC_CREATED)
                                .getTopicCreated()
                                .getName())
                .isEqualTo("watched");
        delete("watched");
        assertThat(
                        changeOf(watch, MetadataChange.ChangeCase.TOPIC_DELETED)
                                .getTopicDeleted()
                                .getName())
                .isEqualTo("watched");
    }

    @Test
    void givesEveryProducerAnIdOfItsOwnAndEpochsInTurn() {
        var one = client.produce().initProducer(InitProducerRequest.getDefaultInstance());
        var other = client.produce().initProducer(InitProducerRequest.getDefaultInstance());
        var again =
                InitProducerRequest.newBuilder()
                        .setProducerId(one.getProducerId())
                        .setProducerEpoch(one.getProducerEpoch())
                        .build();

        var next = client.produce().initProducer(again);
        var fenced = refusal(() -> client.produce().initProducer(again));

        assertThat(other.getProducerId()).isNotEqualTo(one.getProducerId());
        assertThat(next.getProducerId()).isEqualTo(one.getProducerId());
        assertThat(next.getProducerEpoch()).isEqualTo(1);
        assertThat(fenced.reason()).isEqualTo(ErrorReason.PRODUCER_FENCED);
    }

    private static ErrorReason created(CreateTopicRequest.Builder request) {
        return refusal(() -> client.admin().createTopic(request.setName("cannot-be").build()))
                .reason();
    }

    private static void delete(String name) {
        client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setTopic(topic(name)).build());
    }

    private static List<String> names() {
        return client
                .metadata()
                .listTopics(ListTopicsRequest.getDefaultInstance())
                .getTopicsList()
                .stream()
                .map(TopicListing::getName)
                .toList();
    }

    private static long metadataOffset() {
        return client.metadata()
                .listTopics(ListTopicsRequest.getDefaultInstance())
                .getMetadataOffset();
    }

    private static ConfigEntry config(List<ConfigEntry> entries, String name) {
        return entries.stream().filter(e -> e.getName().equals(name)).findFirst().orElseThrow();
    }

    private static MetadataChange changeOf(
            Iterator<WatchMetadataResponse> watch, MetadataChange.ChangeCase wanted) {
        while (true) {
            for (var change : watch.next().getDelta().getChangesList()) {
                if (change.getChangeCase() == wanted) {
                    return change;
                }
            }
        }
    }
}
