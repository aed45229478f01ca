// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.WeirClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Nodes that lose their disk, as docs/operations.md has them replaced, while clients go on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplacedDiskIT {

    private static final int BROKER = 4;
    private static final int VOTER = 3;

    private Cluster cluster;
    private WeirClient client;

    @BeforeAll
    void startACluster(@TempDir Path directory) {
        cluster = Cluster.start(directory, 3);
        cluster.addBroker(BROKER);
        client = cluster.connect();
        cluster.awaitServing(client);
    }

    @AfterAll
    void endIt() {
        client.close();
        cluster.close();
    }

    @Test
    void aBrokerOutsideTheQuorumThatLostItsDiskIsRefusedAndComesBackWithAnEmptyOne()
            throws IOException {
        cluster.createTopic(client, "broker", 4);
        assertThat(Cluster.partitions(client, "broker"))
                .anyMatch(partition -> partition.replicas().contains(BROKER));
        var node = cluster.node(BROKER);
        try (var load = Load.start("broker", 4, cluster.connection())) {
            node.kill();
            node.wipe();
            assertRefused(node);
            load.awaitMore(100);

            node.format("--cluster-id", cluster.clusterId());
            cluster.restart(BROKER);

            cluster.awaitServing(client);
            cluster.awaitInSync(client, "broker");
            load.awaitMore(100);
            load.finish();
        }
    }

    @Test
    void aVoterThatLostItsDiskIsRefusedAndReplacedByOneWithAnEmptyDisk() throws IOException {
        cluster.createTopic(client, "voter", 4);
        var node = cluster.node(VOTER);
        try (var load = Load.start("voter", 4, cluster.connection())) {
            // Given a node without what it had promised to remember
            node.kill();
            node.wipe();

            // Then it is refused
            assertRefused(node);
            load.awaitMore(100);

            // And when it has an identity of its own again
            var voter = node.format("--cluster-id", cluster.clusterId()).get("voter").getAsString();
            node.start();

            // Then it waits, and says for what
            Await.until(
                    "the line that adds it",
                    () -> node.logText().contains("weir cluster add-voter " + voter));
            assertThat(voters()).hasSize(3).doesNotContain(voter);

            // And it votes and fills up when an operator put it in the lost one's place
            cluster.run("cluster", "remove-voter", String.valueOf(VOTER)).assertSucceeded();
            cluster.run("cluster", "add-voter", voter).assertSucceeded();
            node.awaitReady();
            cluster.awaitServing(client);
            cluster.awaitInSync(client, "voter");
            assertThat(voters()).hasSize(3).contains(voter);
            load.awaitMore(100);
            load.finish();
        }
    }

    private List<String> voters() {
        return client.admin().describeQuorum().voters().stream()
                .map(v -> v.nodeId() + "@" + v.address() + ":" + v.directoryId())
                .toList();
    }

    private static void assertRefused(ClusterNode node) {
        node.start();
        assertThat(node.awaitEnd()).isNotZero();
        assertThat(node.logTail()).contains("is not formatted", "weir format");
    }
}
