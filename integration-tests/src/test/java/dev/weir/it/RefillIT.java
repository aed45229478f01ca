// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ClientException;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/// Much data on three nodes: a text, and a node that was away while others wrote.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefillIT {

    private static final int LINES = 60_000;
    private static final int RECORD_BYTES = 20_000;
    private static final int RECORDS = 200_000_000 / RECORD_BYTES;

    private Cluster cluster;
    private WeirClient client;

    @BeforeAll
    void startACluster(@TempDir Path directory) {
        cluster = Cluster.start(directory, 3);
        client = cluster.connect();
    }

    @AfterAll
    void endIt() {
        client.close();
        cluster.close();
    }

    @Test
    void aTextIsIdenticalAfterItsLeaderWasKilledAndAfterAllThreeWere() {
        var text = SampleText.ofLines(LINES);
        cluster.createTopic(client, "text", 1);

        // Given a producer that has half of the text, of which some is acknowledged
        var producer = Cli.start(cluster.withBootstrap("produce", "text"));
        var out = Cli.read(producer.getInputStream());
        var err = Cli.read(producer.getErrorStream());
        var half = text.length / 2;
        Cli.write(producer.getOutputStream(), text, 0, half);
        Await.until("a part of the text", () -> highWatermark("text") > LINES / 10);

        // When the leader dies while the producer goes on
        var leader = cluster.leader(client, "text", 0);
        cluster.node(leader).kill();
        Cli.write(producer.getOutputStream(), text, half, text.length);
        Cli.close(producer.getOutputStream());
        Cli.await(producer, out, err).assertSucceeded();

        // Then every line is there once, in its place
        assertTextIs(text);

        // And when all three have died and are back
        cluster.restart(leader);
        cluster.awaitInSync(client, "text");
        cluster.nodes().forEach(ClusterNode::signalKill);
        cluster.nodes().forEach(ClusterNode::kill);
        cluster.nodes().forEach(ClusterNode::start);
        cluster.nodes().forEach(ClusterNode::awaitReady);
        cluster.awaitServing(client);

        // Then it still is
        assertTextIs(text);
        cluster.awaitInSync(client, "text");
    }

    private void assertTextIs(byte[] text) {
        var consumed =
                cluster.run("consume", "text", "--from-beginning", "--until-end").assertSucceeded();
        assertThat(consumed.out()).isEqualTo(text);
    }

    private long highWatermark(String topic) {
        return Cluster.partitions(client, topic).getFirst().highWatermark().orElse(0);
    }

    @Test
    void aFollowerThatWasAwayRefillsWithoutHarmToTheOthers() {
        cluster.createTopic(client, "bulk", 1);
        cluster.createTopic(client, "steady", 3);
        var leader = cluster.leader(client, "bulk", 0);
        var away = leader == 1 ? 2 : 1;
        var rest = new TreeSet<>(Set.of(1, 2, 3));
        rest.remove(away);

        try (var load = Load.start("steady", 3, cluster.connection())) {
            // Given a node that is away while 200 MB are written
            cluster.node(away).kill();
            load.awaitMore(100);
            produceBulk();

            // When it comes back
            cluster.node(away).start();

            // Then the others stay in sync with each other until it is in sync too
            Await.until("the refill", () -> isRefilled("bulk", rest) && isRefilled("steady", rest));
            load.awaitMore(100);
            load.finish();
        }
        Await.until("all bulk records", () -> highWatermark("bulk") == RECORDS);
    }

    /// Demands on the way that those who never left are in the ISR.
    private boolean isRefilled(String topic, Set<Integer> rest) {
        var partitions = Cluster.partitions(client, topic);
        for (var partition : partitions) {
            assertThat(partition.isr()).as("ISR of %s: %s", topic, partition).containsAll(rest);
        }
        return partitions.stream().allMatch(partition -> partition.isr().size() == 3);
    }

    private void produceBulk() {
        var value = new byte[RECORD_BYTES];
        new Random(7).nextBytes(value);
        var failure = new AtomicReference<@Nullable ClientException>();
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            for (var i = 0; i < RECORDS; i++) {
                producer.send(
                        ProducerRecord.of("bulk", null, value),
                        (receipt, failed) -> failure.compareAndSet(null, failed));
            }
            assertThat(producer.flush(Cli.TIMEOUT)).isTrue();
        }
        assertThat(failure.get()).isNull();
    }
}
