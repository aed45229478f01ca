// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Which nodes a client talks to: two nodes that share their partitions, so that one can stand for
/// a node that forwards to the other.
class LeaderRoutingTest {

    private static final long PATIENCE_S = 20;

    private FakeNode near;
    private FakeNode leader;
    private WeirClient client;

    @BeforeEach
    void start() throws IOException {
        near = new FakeNode();
        leader = new FakeNode();
        near.createTopic("t", 1);
        leader.topics.put("t", near.topics.get("t"));
        near.leaderAddress = leader.address();
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
        }
        near.close();
        leader.close();
    }

    private void connect(LeaderRouting routing, String bootstrap) {
        client = WeirClient.connect(ConnectionConfig.of(bootstrap).withRouting(routing));
    }

    private static ProducerRecord record(String value) {
        return ProducerRecord.of("t", null, value.getBytes(StandardCharsets.UTF_8));
    }

    private static Receipt send(Producer producer, String value) {
        try {
            return producer.send(record(value)).get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoMayNotDialAHintProducesAndReadsThroughTheBootstrapNode() {
        connect(LeaderRouting.VIA_BOOTSTRAP, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT);
                var reader = client.reader(ReaderConfig.DEFAULT)) {
            send(producer, "v");
            reader.assign(new TopicPartition("t", 0), StartPosition.EARLIEST);

            var read = reader.poll(Duration.ofSeconds(PATIENCE_S));

            assertThat(read).hasSize(1);
        }
        assertThat(near.seen).isNotEmpty();
        assertThat(leader.seen).isEmpty();
        assertThat(leader.fetch.streams()).isZero();
    }

    @Test
    void whoMayDialGoesToTheLeader() {
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "v");
        }
        assertThat(near.seen).isEmpty();
        assertThat(leader.seen).isNotEmpty();
    }

    @Test
    void aLeaderThatTakesNoConnectionIsReachedThroughTheNodeThatAnswers() throws IOException {
        try (var deaf = new DeafListener()) {
            near.leaderAddress = deaf.address();
            connect(LeaderRouting.DIRECT, near.address());
            try (var producer = client.producer(ProducerConfig.DEFAULT);
                    var reader = client.reader(ReaderConfig.DEFAULT)) {
                send(producer, "v");
                reader.assign(new TopicPartition("t", 0), StartPosition.EARLIEST);

                assertThat(reader.poll(Duration.ofSeconds(PATIENCE_S))).hasSize(1);
            }
        }
        assertThat(near.seen).isNotEmpty();
    }

    @Test
    void theLeaderIsGoneToDirectlyAgainOnceItIsBack() throws IOException {
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "direct");
            leader.kill();
            send(producer, "around");
            int around = near.seen.size();
            assertThat(around).isPositive();

            leader.start();
            int direct = leader.seen.size();
            for (int i = 0; leader.seen.size() == direct; i++) {
                assertThat(i).as("records sent").isLessThan(20_000);
                send(producer, "v" + i);
            }
        }
        assertThat(near.partition("t", 0).values()).startsWith("direct", "around", "v0");
    }

    @Test
    void aBootstrapNodeThatIsDownIsPassedOver() {
        near.leaderAddress = "";
        leader.kill();
        connect(LeaderRouting.DIRECT, leader.address() + "," + near.address());

        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "v");
        }

        assertThat(near.seen).hasSize(1);
    }

    @Test
    void aClientThatLearntOfOtherNodesLivesOnWithoutItsBootstrapNode() throws IOException {
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "v");
            near.kill();
            leader.reaction =
                    _ -> {
                        leader.reaction = _ -> FakeNode.Reaction.ACCEPT;
                        return FakeNode.Reaction.NOT_LEADER;
                    };

            send(producer, "w");
        }
        assertThat(leader.described).hasPositiveValue();
    }

    @Test
    void aDescriptionOlderThanARefusalIsNotFollowed() {
        leader.leaderEpoch = 3;
        leader.reaction = _ -> FakeNode.Reaction.NOT_LEADER;
        near.leaderEpoch = 2;
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            var sent = producer.send(record("v"));
            awaitPositive(() -> leader.seen.size());
            int asked = near.described.get();
            awaitPositive(() -> near.described.get() - asked - 2);
            assertThat(leader.seen).as("sent to the old leader").hasSize(1);

            near.leaderAddress = "";
            near.leaderEpoch = 3;

            assertThat(sent).succeedsWithin(Duration.ofSeconds(PATIENCE_S));
        }
        assertThat(near.seen).hasSize(1);
    }

    @Test
    void aLeaderThatHangsIsLeftWhenAnotherOneLeads() {
        leader.reaction = _ -> FakeNode.Reaction.IGNORE;
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            var sent = producer.send(record("v"));
            awaitPositive(() -> leader.seen.size());

            near.leaderAddress = "";
            near.leaderEpoch = 1;

            assertThat(sent).succeedsWithin(Duration.ofSeconds(PATIENCE_S));
        }
    }

    @Test
    void aReaderLeavesALeaderThatHangsWhenAnotherOneLeads() {
        connect(LeaderRouting.DIRECT, near.address());
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            reader.assign(new TopicPartition("t", 0), StartPosition.EARLIEST);
            awaitPositive(
                    () -> {
                        reader.poll(Duration.ofMillis(10));
                        return leader.fetch.streams();
                    });

            near.leaderAddress = "";
            near.leaderEpoch = 1;

            awaitPositive(
                    () -> {
                        reader.poll(Duration.ofMillis(10));
                        return near.fetch.streams();
                    });
        }
    }

    @Test
    void whileNobodyLeadsANodeIsLeftToWaitForTheLeader() {
        near.hasLeader = false;
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "v");
            assertThat(near.seen).hasSize(1);

            near.hasLeader = true;
            for (int i = 0; leader.seen.isEmpty(); i++) {
                assertThat(i).as("records sent").isLessThan(20_000);
                send(producer, "v" + i);
            }
        }
    }

    @Test
    void aDescriptionIsCompletedByWhatTheLeadersSay() {
        connect(LeaderRouting.DIRECT, near.address());
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            send(producer, "v");
        }

        var described = client.admin().describeTopic("t");

        assertThat(described.partitions().getFirst().highWatermark()).hasValue(1);
    }

    private static void awaitPositive(java.util.function.IntSupplier value) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (value.getAsInt() <= 0) {
            assertThat(System.nanoTime() - deadlineNs).isNegative();
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    /// Listens and never answers: the queue of its socket is full, so connecting takes for ever.
    private static final class DeafListener implements AutoCloseable {

        private final ServerSocket socket;
        private final List<SocketChannel> fillers = new ArrayList<>();

        DeafListener() throws IOException {
            socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            for (int i = 0; i < 8; i++) {
                var filler = SocketChannel.open();
                filler.configureBlocking(false);
                filler.connect(
                        new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort()));
                fillers.add(filler);
            }
        }

        String address() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (var filler : fillers) {
                filler.close();
            }
            socket.close();
        }
    }
}
