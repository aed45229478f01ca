// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConnectionConfig;
import dev.weir.client.LeaderRouting;
import dev.weir.client.Reader;
import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/// Three nodes on three hosts, and a network that loses packets without a trace.
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkFaultsIT {

    /// Where the issue wants an unreachable leader to be given up.
    private static final long GIVEN_UP_MS = 1_000;

    private Network network;
    private Cluster cluster;
    private WeirClient client;

    @BeforeAll
    void startACluster(@TempDir Path directory) {
        network = Network.create(3);
        cluster = Cluster.start(directory, 3, network);
        client = cluster.connect();
    }

    @AfterEach
    void allIsWell() {
        network.heal();
        cluster.nodes().stream().filter(node -> !node.isAlive()).forEach(ClusterNode::start);
        cluster.awaitServing(client);
    }

    @AfterAll
    void endIt() {
        client.close();
        cluster.close();
        network.close();
    }

    @Test
    void aClientThatReachesOneNodeOnlyUsesAllPartitionsThroughALeadersDeath() {
        // Given a topic with a leader on each node, and a client that reaches node 1 only
        var topic = "one-node";
        createTopicLedByAll(topic);
        network.drop(Network.CLIENT, 2);
        network.drop(Network.CLIENT, 3);
        var one = ConnectionConfig.of(cluster.node(1).address());

        try (var load = Load.start(topic, 3, one, one.withRouting(LeaderRouting.VIA_BOOTSTRAP))) {
            load.awaitMore(300);

            // When a leader dies that it does not reach
            cluster.node(2).kill();
            load.awaitMore(300);
            cluster.restart(2);
            try (var near = WeirClient.connect(one)) {
                cluster.awaitInSync(near, topic);
            }
            load.awaitMore(100);

            // Then nothing is lost, nothing is there twice
            load.finish();
        }
    }

    @Test
    void aLeaderThatOnlyTheClientDoesNotReachIsGivenUpWithinASecond() {
        var topic = cluster.createTopicLedBy(client, "unreached", false);
        var leader = cluster.leader(client, topic, 0);
        try (var load = Load.start(topic, 1, cluster.connection())) {
            load.awaitMore(300);
            var gapsMs = new ArrayList<Long>();
            for (var i = 0; i < 3; i++) {
                load.takeLongestGapMs();

                // When an established connection goes silent
                network.drop(Network.CLIENT, leader);
                load.awaitMore(300);

                // Then the client goes on through another node, and the leader stays
                gapsMs.add(load.takeLongestGapMs());
                assertThat(leaderSeenFrom(leader == 1 ? 2 : 1, topic)).isEqualTo(leader);
                network.heal();
                load.awaitMore(1_000);
            }
            System.out.println("a client that produces: gaps, ms: " + gapsMs);
            assertThat(gapsMs).allSatisfy(ms -> assertThat(ms).isLessThan(GIVEN_UP_MS));
            load.finish();
        }
    }

    @Test
    void aReaderAloneGivesUpALeaderThatItDoesNotReachWithinASecond() {
        // Given records that come, whatever becomes of the way to the leader
        var topic = cluster.createTopicLedBy(client, "unread", false);
        var leader = cluster.leader(client, topic, 0);
        var through =
                ConnectionConfig.of(cluster.node(leader == 1 ? 2 : 1).address())
                        .withRouting(LeaderRouting.VIA_BOOTSTRAP);
        try (var load = Load.start(topic, 1, through);
                var near = WeirClient.connect(cluster.connection());
                var reader = near.reader(ReaderConfig.DEFAULT)) {
            reader.assign(new TopicPartition(topic, 0), StartPosition.LATEST);
            longestPauseMs(reader, 300);
            var gapsMs = new ArrayList<Long>();
            for (var i = 0; i < 3; i++) {

                // When an established connection goes silent
                network.drop(Network.CLIENT, leader);
                gapsMs.add(longestPauseMs(reader, 300));
                network.heal();
                longestPauseMs(reader, 1_000);
            }

            // Then the reader goes on through another node
            System.out.println("a reader alone: gaps, ms: " + gapsMs);
            assertThat(gapsMs).allSatisfy(ms -> assertThat(ms).isLessThan(GIVEN_UP_MS));
            load.finish();
        }
    }

    /// The longest time without a record, until so many have come.
    private static long longestPauseMs(Reader reader, int records) {
        var lastNs = System.nanoTime();
        var longestNs = 0L;
        for (var left = records; left > 0; ) {
            left -= reader.poll(Duration.ofSeconds(20)).size();
            var nowNs = System.nanoTime();
            longestNs = Math.max(longestNs, nowNs - lastNs);
            lastNs = nowNs;
        }
        return TimeUnit.NANOSECONDS.toMillis(longestNs);
    }

    @Test
    void aLeaderThatIsCutOffFromTheOthersAcknowledgesNothing() {
        var topic = cluster.createTopicLedBy(client, "cut-off", false);
        var leader = cluster.leader(client, topic, 0);
        try (var load = Load.start(topic, 1, cluster.connection())) {
            for (var node : cluster.nodes()) {
                if (node.id() != leader) {
                    network.dropBoth(leader, node.id());
                }
            }
            Await.until(
                    "another leader", () -> leaderSeenFrom(leader == 1 ? 2 : 1, topic) != leader);
            load.awaitMore(300);

            network.heal();
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            // What the old leader had acknowledged meanwhile would be lost now.
            load.finish();
        }
    }

    @Test
    void aFollowerWhoseAnswersAreLostLeavesTheInSyncSetAndComesBack() {
        var topic = cluster.createTopicLedBy(client, "one-way", false);
        var leader = cluster.leader(client, topic, 0);
        var follower = 6 - leader - cluster.controller(client);
        try (var load = Load.start(topic, 1, cluster.connection())) {
            network.drop(follower, leader);
            load.awaitMore(300);
            assertThat(partition(topic).isr()).doesNotContain(follower);

            network.heal();
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void aFollowerThatHearsNothingLeavesTheInSyncSetAndComesBack() {
        var topic = cluster.createTopicLedBy(client, "deaf", false);
        var leader = cluster.leader(client, topic, 0);
        var follower = 6 - leader - cluster.controller(client);
        try (var load = Load.start(topic, 1, cluster.connection())) {
            network.drop(leader, follower);
            load.awaitMore(300);
            assertThat(partition(topic).isr()).doesNotContain(follower);

            network.heal();
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    private void createTopicLedByAll(String topic) {
        cluster.createTopic(client, topic, 3);
        assertThat(
                        Cluster.partitions(client, topic).stream()
                                .map(TopicDescription.Partition::leader))
                .doesNotHaveDuplicates();
    }

    private TopicDescription.Partition partition(String topic) {
        return Cluster.partitions(client, topic).getFirst();
    }

    private int leaderSeenFrom(int node, String topic) {
        var config =
                ConnectionConfig.of(cluster.node(node).address())
                        .withRouting(LeaderRouting.VIA_BOOTSTRAP);
        try (var near = WeirClient.connect(config)) {
            return Cluster.partitions(near, topic).getFirst().leader().orElse(0);
        }
    }
}
