// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConnectionConfig;
import dev.weir.client.LeaderRouting;
import dev.weir.client.WeirClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/// Three nodes under load, and what can happen to a process. Each test leaves the cluster healthy;
/// each has topics of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailoverIT {

    private Cluster cluster;
    private WeirClient client;

    @BeforeAll
    void startACluster(@TempDir Path directory) {
        cluster = Cluster.start(directory, 3);
        client = cluster.connect();
    }

    @AfterEach
    void allNodesServe() {
        cluster.nodes().stream().filter(node -> !node.isAlive()).forEach(ClusterNode::start);
        cluster.awaitServing(client);
    }

    @AfterAll
    void endIt() {
        client.close();
        cluster.close();
    }

    @Test
    void aKilledLeaderCostsNothing() {
        var topic = cluster.createTopicLedBy(client, "leader", false);
        var leader = cluster.leader(client, topic, 0);
        try (var load = load(topic, 1, leader)) {
            cluster.node(leader).kill();
            load.awaitMore(300);
            assertThat(cluster.leader(client, topic, 0)).isNotEqualTo(leader);

            cluster.restart(leader);
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void aKilledControllerCostsNothing() {
        var topic = cluster.createTopicLedBy(client, "controller", false);
        var controller = cluster.controller(client);
        try (var load = load(topic, 1, controller)) {
            cluster.node(controller).kill();
            load.awaitMore(300);
            Await.until("another controller", () -> cluster.controller(client) != controller);

            cluster.restart(controller);
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void aKilledLeaderThatIsTheControllerTooCostsNothing() {
        var topic = cluster.createTopicLedBy(client, "both", true);
        var leader = cluster.leader(client, topic, 0);
        try (var load = load(topic, 1, leader)) {
            cluster.node(leader).kill();
            load.awaitMore(300);
            assertThat(cluster.leader(client, topic, 0)).isNotEqualTo(leader);

            cluster.restart(leader);
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void allThreeKilledAtOnceComeBackWithEverything() {
        cluster.createTopic(client, "all", 3);
        try (var load = load("all", 3, 0)) {
            cluster.nodes().forEach(ClusterNode::signalKill);
            cluster.nodes().forEach(ClusterNode::kill);

            cluster.nodes().forEach(ClusterNode::start);
            cluster.nodes().forEach(ClusterNode::awaitReady);
            load.awaitMore(300);
            cluster.awaitInSync(client, "all");
            load.finish();
        }
    }

    @Test
    void aLeaderThatHangsIsReplacedAndDoesNoHarmWhenItGoesOn() {
        var topic = cluster.createTopicLedBy(client, "zombie", false);
        var leader = cluster.leader(client, topic, 0);
        try (var load = load(topic, 1, leader)) {
            cluster.node(leader).pause();
            try {
                load.awaitMore(300);
                assertThat(cluster.leader(client, topic, 0)).isNotEqualTo(leader);
            } finally {
                cluster.node(leader).resume();
            }
            cluster.awaitInSync(client, topic);
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void aRollingRestartIsSeenByNoClient() {
        cluster.createTopic(client, "rolling", 3);
        try (var load = load("rolling", 3, 0)) {
            for (var node : cluster.nodes()) {
                assertThat(node.terminate()).as("exit code; %s", node.logTail()).isZero();
                load.awaitMore(100);
                cluster.restart(node.id());
                cluster.awaitServing(client);
                cluster.awaitInSync(client, "rolling");
                load.awaitMore(100);
            }
            load.finish();
        }
    }

    /// Two clients: one dials leaders, the other one knows a node that stays and dials no other.
    ///
    /// @param doomed who will fail; 0: every node
    private Load load(String topic, int partitions, int doomed) {
        var via =
                cluster.nodes().stream()
                        .filter(node -> node.id() != doomed)
                        .findFirst()
                        .orElseThrow()
                        .address();
        var known = doomed == 0 ? cluster.bootstrap() : via;
        return Load.start(
                topic,
                partitions,
                cluster.connection(),
                ConnectionConfig.of(known).withRouting(LeaderRouting.VIA_BOOTSTRAP));
    }
}
