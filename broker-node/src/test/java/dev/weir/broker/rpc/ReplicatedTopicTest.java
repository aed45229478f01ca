// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.ThreeNodes;

import io.grpc.StatusRuntimeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/// Three real nodes, and a topic that all of them have.
class ReplicatedTopicTest {

    private static final int PARTITIONS = 3;
    private static final TopicRef TOPIC = ApiClient.topic("replicated");

    @TempDir private Path directory;

    @Test
    void recordsAreOnAllNodesAndOutliveTheStopOfEachInTurn() {
        try (var cluster = ThreeNodes.start(directory, Map.of())) {
            create(cluster);
            produce(cluster, 1, 0);
            // Each node follows two and is followed by two, on the lane of the replicas in sync.
            for (var node = 1; node <= 3; node++) {
                int each = node;
                await(
                        "four streams",
                        () -> metric(cluster, each, "weir_replication_open_links") == 4);
                await(
                        "everything is written",
                        () -> metric(cluster, each, "weir_replication_budget_used_bytes") == 0);
                assertThat(metric(cluster, node, "weir_replication_sent_bytes_total")).isPositive();
                assertThat(metric(cluster, node, "weir_replication_received_bytes_total"))
                        .isPositive();
            }

            for (var round = 1; round <= 3; round++) {
                int stopped = round;
                int other = round % 3 + 1;
                cluster.stop(stopped);
                await(
                        "the others are the in-sync set",
                        () ->
                                describe(cluster, other).stream()
                                        .noneMatch(
                                                p ->
                                                        p.getLeader() == stopped
                                                                || p.getIsrList()
                                                                        .contains(stopped)));
                produce(cluster, other, round);
                assertReadable(cluster, other, round + 1);
                cluster.start(stopped);
                await(
                        "all are in sync",
                        () ->
                                describe(cluster, other).stream()
                                        .allMatch(p -> p.getIsrCount() == 3));
                assertReadable(cluster, stopped, round + 1);
            }
            assertThat(cluster.halts()).isEmpty();
        }
    }

    private static void create(ThreeNodes cluster) {
        client(cluster, 1)
                .admin()
                .createTopic(
                        CreateTopicRequest.newBuilder()
                                .setName("replicated")
                                .setPartitions(PARTITIONS)
                                .setReplicationFactor(3)
                                .build());
    }

    private static void produce(ThreeNodes cluster, int node, int round) {
        for (var partition = 0; partition < PARTITIONS; partition++) {
            client(cluster, node)
                    .produce()
                    .append(
                            AppendRequest.newBuilder()
                                    .setTopic(TOPIC)
                                    .setPartition(partition)
                                    .setRecords(ApiClient.records("round " + round))
                                    .build());
        }
    }

    private static void assertReadable(ThreeNodes cluster, int node, int records) {
        for (var partition = 0; partition < PARTITIONS; partition++) {
            long next = 0;
            long highWatermark;
            int read = 0;
            do {
                var request =
                        ReadRequest.newBuilder()
                                .setTopic(TOPIC)
                                .setPartition(partition)
                                .setStart(StartPosition.newBuilder().setOffset(next));
                var answer = client(cluster, node).fetch().read(request.build());
                read += answer.getRecordsCount();
                next = answer.getNextOffset();
                highWatermark = answer.getHighWatermark();
            } while (next < highWatermark);
            assertThat(read).isEqualTo(records);
        }
    }

    private static List<PartitionDescription> describe(ThreeNodes cluster, int node) {
        try {
            return client(cluster, node)
                    .metadata()
                    .describeTopic(DescribeTopicRequest.newBuilder().setTopic(TOPIC).build())
                    .getTopic()
                    .getPartitionsList();
        } catch (StatusRuntimeException e) {
            return List.of();
        }
    }

    private static ApiClient client(ThreeNodes cluster, int node) {
        return new ApiClient(cluster.channel(node));
    }

    private static double metric(ThreeNodes cluster, int node, String name) {
        var line =
                Pattern.compile("(?m)^" + name + " (\\S+)$")
                        .matcher(cluster.node(node).scrapeMetrics());
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    private static void await(String what, BooleanSupplier condition) {
        long giveUpAt = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > giveUpAt) {
                throw new AssertionError("not in 60 s: " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
