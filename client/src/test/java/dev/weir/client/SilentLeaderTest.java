// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A reader, and a leader whose host stops answering while the connections seem to stand.
class SilentLeaderTest {

    private static final int PATIENCE_S = 20;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private FakeNode near;
    private FakeNode leader;
    private MutableRelay relay;
    private WeirClient client;

    @BeforeEach
    void start() throws IOException {
        near = new FakeNode();
        leader = new FakeNode();
        relay = new MutableRelay(leader.address());
        near.createTopic("t", 1);
        leader.topics.put("t", near.topics.get("t"));
        near.leaderAddress = relay.address();
        // No other timer helps.
        client =
                WeirClient.connect(
                        new ConnectionConfig(
                                List.of(near.address()),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1),
                                Duration.ofMillis(500),
                                LeaderRouting.DIRECT));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        relay.close();
        near.close();
        leader.close();
    }

    @Test
    void aReaderThatWaitsForRecordsGoesThroughAnotherNode() {
        try (var reader = client.reader(ReaderConfig.DEFAULT);
                var producer = client.producer(ProducerConfig.DEFAULT)) {
            // Given
            reader.assign(PARTITION, StartPosition.EARLIEST);
            var _ = producer.send(ProducerRecord.of("t", null, bytes("before")));
            await(() -> hasRead(reader, leader));
            assertThat(near.fetch.streams()).isZero();

            // When
            relay.mute();

            // Then
            await(
                    () -> {
                        assertThat(reader.poll(Duration.ofMillis(10))).isEmpty();
                        return near.fetch.streams() > 0;
                    });
            var _ = producer.send(ProducerRecord.of("t", null, bytes("after")));
            await(() -> hasRead(reader, near));
        }
    }

    @Test
    void aLeaderThatHasNothingToSayIsNotLeft() {
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            // Given
            reader.assign(PARTITION, StartPosition.EARLIEST);
            await(
                    () -> {
                        reader.poll(Duration.ofMillis(10));
                        return leader.fetch.streams() > 0;
                    });

            // When: it is asked, again and again
            await(
                    () -> {
                        reader.poll(Duration.ofMillis(10));
                        return leader.askedWho.get() > 2;
                    });

            // Then
            assertThat(near.fetch.streams()).isZero();
            assertThat(leader.fetch.streams()).isEqualTo(1);
        }
    }

    private static boolean hasRead(Reader reader, FakeNode from) {
        from.fetch.pushMore();
        return !reader.poll(Duration.ofMillis(10)).isEmpty();
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
