// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.FakeNode.Reaction;
import dev.weir.record.Compression;
import dev.weir.record.Murmur2;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// The producer over the real wire, against a node that misbehaves on request.
@Timeout(60)
class ProducerTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ProducerConfig QUICK =
            ProducerConfig.DEFAULT.withBatching(2_048, Duration.ofMillis(1));

    private FakeNode node;
    private WeirClient client;

    @BeforeEach
    void start() throws Exception {
        node = new FakeNode();
        node.createTopic("t", 1);
        node.createTopic("six", 6);
        client = WeirClient.connect(node.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        node.close();
    }

    @Test
    void recordsAreStoredInOrderAndEachIsToldItsOffset() throws Exception {
        try (var producer = client.producer(QUICK)) {
            var receipts = send(producer, "t", 5_000);

            for (int i = 0; i < receipts.size(); i++) {
                var receipt = receipts.get(i).get(30, TimeUnit.SECONDS);
                assertThat(receipt.offset()).isEqualTo(i);
                assertThat(receipt.durability()).isEqualTo(Durability.FSYNC);
                assertThat(receipt.durableReplicas()).containsExactly(1);
            }
        }
        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(5_000));
        assertThat(node.partition("t", 0).batches()).hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void everyCodecArrives(Compression codec) {
        try (var producer = client.producer(QUICK.withCompression(codec))) {
            send(producer, "t", 2_000);
            assertThat(producer.flush(LONG)).isTrue();
        }
        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(2_000));
        assertThat(node.partition("t", 0).batches())
                .extracting(batch -> batch.compression())
                .contains(codec);
    }

    @Test
    void aBatchWhoseAnswerIsLostIsSentAgainUnderTheSameSequence() throws Exception {
        var count = new AtomicInteger();
        node.reaction =
                _ -> count.incrementAndGet() == 3 ? Reaction.APPEND_THEN_CUT : Reaction.ACCEPT;
        try (var producer = client.producer(QUICK)) {
            var receipts = send(producer, "t", 2_000);
            assertThat(producer.flush(LONG)).isTrue();
            for (int i = 0; i < receipts.size(); i++) {
                assertThat(receipts.get(i).get().offset()).isEqualTo(i);
            }
        }
        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(2_000));
        assertThat(node.seen).extracting(FakeNode.Seen::epoch).containsOnly(0);
        assertThat(new HashSet<>(node.seen)).hasSizeLessThan(node.seen.size());
    }

    @Test
    void laterBatchesFollowARefusedOneInTheOriginalOrder() {
        var count = new AtomicInteger();
        node.reaction = _ -> count.incrementAndGet() % 7 == 2 ? Reaction.NOT_NOW : Reaction.ACCEPT;
        try (var producer = client.producer(QUICK)) {
            send(producer, "t", 5_000);
            assertThat(producer.flush(LONG)).isTrue();
        }
        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(5_000));
        assertThat(node.seen).extracting(FakeNode.Seen::epoch).containsOnly(0);
    }

    @Test
    void nothingIsLostDoubledOrReorderedWhenTheNodeIsKilledAndStartedAgain() throws Exception {
        int records = 60_000;
        try (var producer = client.producer(QUICK.withMemory(2L << 20, LONG))) {
            var killer = Thread.ofPlatform().start(() -> killAndRestart(records));
            var receipts = new ArrayList<CompletableFuture<Receipt>>();
            for (int i = 0; i < records; i++) {
                receipts.add(
                        producer.send(
                                new ProducerRecord(
                                        "six",
                                        i % 6,
                                        null,
                                        bytes(String.valueOf(i)),
                                        List.of(),
                                        null)));
            }
            killer.join();
            assertThat(producer.flush(LONG)).isTrue();
            for (var receipt : receipts) {
                assertThat(receipt.get().offset()).isNotNegative();
            }
        }
        for (int p = 0; p < 6; p++) {
            int partition = p;
            var expected =
                    numbers(records).stream()
                            .filter(n -> Integer.parseInt(n) % 6 == partition)
                            .toList();
            assertThat(node.partition("six", p).values()).isEqualTo(expected);
        }
    }

    @Test
    void aNodeThatForgotTheProducerGetsANewEpoch() throws Exception {
        try (var producer = client.producer(QUICK)) {
            assertThat(
                            producer.send(ProducerRecord.ofUtf8("t", "0"))
                                    .get(30, TimeUnit.SECONDS)
                                    .offset())
                    .isZero();
            node.partition("t", 0).forgetProducers();

            assertThat(
                            producer.send(ProducerRecord.ofUtf8("t", "1"))
                                    .get(30, TimeUnit.SECONDS)
                                    .offset())
                    .isEqualTo(1);
        }
        assertThat(node.seen).extracting(FakeNode.Seen::epoch).containsExactly(0, 0, 1);
        assertThat(node.seen).extracting(FakeNode.Seen::baseSequence).containsExactly(0, 1, 0);
    }

    @Test
    void aBatchThatIsRefusedForGoodFailsAloneAndTheNextGoOn() throws Exception {
        var count = new AtomicInteger();
        node.reaction = _ -> count.incrementAndGet() == 2 ? Reaction.NEVER : Reaction.ACCEPT;
        try (var producer =
                client.producer(ProducerConfig.DEFAULT.withBatching(1_024, Duration.ZERO))) {
            var receipts = new ArrayList<CompletableFuture<Receipt>>();
            for (int i = 0; i < 20; i++) {
                receipts.add(producer.send(ProducerRecord.of("t", null, new byte[900])));
            }
            assertThat(producer.flush(LONG)).isTrue();

            assertThat(receipts.get(1))
                    .failsWithin(Duration.ZERO)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ClientException.Refused.class)
                    .satisfies(
                            e ->
                                    assertThat(((ClientException) e.getCause()).reason())
                                            .isEqualTo("CORRUPT_BATCH"));
            assertThat(receipts.stream().filter(receipt -> !receipt.isCompletedExceptionally()))
                    .hasSize(19);
            assertThat(receipts.get(19).get().offset()).isEqualTo(18);
        }
    }

    @Test
    void creditIsNeverOverrun() {
        node.creditBytes = 300_000;
        try (var producer =
                client.producer(ProducerConfig.DEFAULT.withBatching(64 * 1024, Duration.ZERO))) {
            for (int i = 0; i < 20_000; i++) {
                producer.send(ProducerRecord.of("six", null, new byte[1_000]));
            }
            assertThat(producer.flush(LONG)).isTrue();
        }
        assertThat(node.overruns).hasValue(0);
        assertThat(node.topics.get("six").stream().mapToLong(FakePartition::endOffset).sum())
                .isEqualTo(20_000);
    }

    @Test
    void sendingWaitsForMemoryAndThenFails() {
        node.reaction = _ -> Reaction.IGNORE;
        long limitBytes = 2L << 20;
        var config = ProducerConfig.DEFAULT.withMemory(limitBytes, Duration.ofMillis(150));
        var producer = client.producer(config);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 10_000; i++) {
                                producer.send(ProducerRecord.of("t", null, new byte[1_000]));
                                assertThat(producer.usedMemoryBytes())
                                        .isLessThanOrEqualTo(limitBytes);
                            }
                        })
                .isInstanceOf(ClientException.MemoryExhausted.class);
        assertThat(producer.close(Duration.ofMillis(10))).isFalse();
        assertThat(producer.usedMemoryBytes()).isZero();
    }

    @Test
    void recordsThatNobodyAnswersFailAfterTheDeliveryTimeout() {
        node.reaction = _ -> Reaction.IGNORE;
        var config = QUICK.withDeliveryTimeout(Duration.ofMillis(300));
        try (var producer = client.producer(config)) {
            assertThat(producer.send(ProducerRecord.ofUtf8("t", "x")))
                    .failsWithin(LONG)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ClientException.DeliveryTimeout.class)
                    .satisfies(
                            e ->
                                    assertThat(
                                                    ((ClientException.DeliveryTimeout) e.getCause())
                                                            .isOutcomeUnknown())
                                            .isTrue());
        }
    }

    @Test
    void recordsThatWereNeverSentFailWithThatKnowledge() throws Exception {
        var config = QUICK.withDeliveryTimeout(Duration.ofMillis(300));
        try (var producer = client.producer(config)) {
            producer.send(ProducerRecord.ofUtf8("t", "0")).get(30, TimeUnit.SECONDS);
            node.kill();
            var unsent = new ArrayList<CompletableFuture<Receipt>>();
            for (int i = 0; i < 10; i++) {
                unsent.add(producer.send(ProducerRecord.of("t", null, new byte[1_500])));
            }
            assertThat(unsent.getLast())
                    .failsWithin(LONG)
                    .withThrowableOfType(ExecutionException.class)
                    .satisfies(
                            e ->
                                    assertThat(
                                                    ((ClientException.DeliveryTimeout) e.getCause())
                                                            .isOutcomeUnknown())
                                            .isFalse());
        }
    }

    @Test
    void anUnknownTopicIsRefusedWithTheServersReason() {
        try (var producer = client.producer(QUICK)) {
            assertThatThrownBy(() -> producer.send(ProducerRecord.ofUtf8("missing", "x")))
                    .isInstanceOfSatisfying(
                            ClientException.Refused.class,
                            e -> {
                                assertThat(e.reason()).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION");
                                assertThat(e.metadata()).containsEntry("who", "fake");
                            });
            assertThatThrownBy(() -> producer.send(ProducerRecord.ofUtf8("t", "x").toPartition(9)))
                    .isInstanceOf(ClientException.Refused.class);
        }
    }

    @Test
    void aRecordThatFitsNoBatchIsRefusedAndALargeOneGetsItsOwn() throws Exception {
        try (var producer = client.producer(QUICK)) {
            assertThatThrownBy(
                            () ->
                                    producer.send(
                                            ProducerRecord.of(
                                                    "t",
                                                    null,
                                                    new byte[ProducerConfig.MAX_BATCH_BYTES])))
                    .isInstanceOf(ClientException.RecordTooLarge.class);
            producer.send(ProducerRecord.ofUtf8("t", "small"));
            producer.send(ProducerRecord.of("t", null, new byte[1_000_000]))
                    .get(30, TimeUnit.SECONDS);
        }
        assertThat(node.partition("t", 0).batches()).hasSize(2);
    }

    @Test
    void keysGoWhereTheHashSaysAndKeylessRecordsSpread() {
        try (var producer = client.producer(QUICK)) {
            for (int i = 0; i < 3_000; i++) {
                var key = bytes("key" + i);
                producer.send(
                        ProducerRecord.of(
                                "six", key, bytes(String.valueOf(Murmur2.partition(key, 6)))));
            }
            assertThat(producer.flush(LONG)).isTrue();
            for (int p = 0; p < 6; p++) {
                assertThat(node.partition("six", p).values()).containsOnly(String.valueOf(p));
            }
            node.createTopic("six", 6);
            send(producer, "six", 20_000);
            assertThat(producer.flush(LONG)).isTrue();
        }
        assertThat(node.topics.get("six")).allMatch(partition -> partition.endOffset() > 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Acks.class,
            names = {"LEADER", "NONE"})
    void weakerAcksWorkToo(Acks acks) throws Exception {
        var config = QUICK.withAcks(acks).withIdempotence(false);
        try (var producer = client.producer(config)) {
            var receipts = send(producer, "t", 3_000);
            assertThat(producer.flush(LONG)).isTrue();
            assertThat(receipts.getLast().get().offset())
                    .isEqualTo(acks == Acks.NONE ? Receipt.NO_OFFSET : 2_999);
            while (node.partition("t", 0).endOffset() < 3_000) {
                Thread.onSpinWait();
            }
        }
        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(3_000));
        assertThat(node.seen).extracting(FakeNode.Seen::producerId).containsOnly(-1L);
    }

    @Test
    void aClosedProducerTakesNothing() {
        var producer = client.producer(QUICK);
        send(producer, "t", 10);
        assertThat(producer.close(LONG)).isTrue();

        assertThat(node.partition("t", 0).values()).isEqualTo(numbers(10));
        assertThatThrownBy(() -> producer.send(ProducerRecord.ofUtf8("t", "x")))
                .isInstanceOf(ClientException.Closed.class);
    }

    @Test
    void aTopicThatIsGoneIsNotAskedForWithEveryConnectionThatComesBack() throws Exception {
        int reconnects = 6;
        node.createTopic("gone", 1);
        try (var producer = client.producer(QUICK)) {
            sendThroughALookup(producer, "gone");
            sendThroughALookup(producer, "t");
            node.topics.remove("gone");
            long before = asked("gone");

            for (int i = 0; i < reconnects; i++) {
                long known = asked("t");
                node.kill();
                node.start();
                while (asked("t") == known) {
                    Thread.onSpinWait();
                }
                send(producer, "t", 1).getFirst().get();
            }

            assertThat(asked("gone") - before).isBetween(1L, reconnects / 2L);
            assertThatThrownBy(() -> send(producer, "gone", 1))
                    .isInstanceOf(ClientException.Refused.class);
            node.createTopic("gone", 1);
            assertThat(send(producer, "gone", 1).getFirst().get().offset()).isZero();
        }
    }

    /// The node refuses the first record, so that the producer asks who leads.
    private void sendThroughALookup(Producer producer, String topic) throws Exception {
        var isRefused = new AtomicBoolean();
        node.reaction =
                _ -> isRefused.compareAndSet(false, true) ? Reaction.NOT_LEADER : Reaction.ACCEPT;
        send(producer, topic, 1).getFirst().get();
        node.reaction = _ -> Reaction.ACCEPT;
    }

    private long asked(String topic) {
        return node.describedNames.stream().filter(topic::equals).count();
    }

    private void killAndRestart(int records) {
        try {
            for (int kills = 1; kills <= 4; kills++) {
                long target = (long) records * kills / 6;
                while (node.topics.get("six").stream().mapToLong(FakePartition::endOffset).sum()
                        < target) {
                    Thread.onSpinWait();
                }
                node.kill();
                node.start();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<CompletableFuture<Receipt>> send(
            Producer producer, String topic, int count) {
        var receipts = new ArrayList<CompletableFuture<Receipt>>();
        for (int i = 0; i < count; i++) {
            receipts.add(producer.send(ProducerRecord.ofUtf8(topic, String.valueOf(i))));
        }
        return receipts;
    }

    private static List<String> numbers(int count) {
        var numbers = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            numbers.add(String.valueOf(i));
        }
        return numbers;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
