// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.Subscribe;
import dev.weir.api.v1.TopicRef;
import dev.weir.api.v1.Unsubscribe;
import dev.weir.broker.TestNode;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.regex.Pattern;

class FetchStreamTest {

    @TempDir private static Path directory;
    private static TestNode node;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        node = TestNode.start(directory, Map.of("stream.subscriptions.max", "3"));
        client = new ApiClient(node.channel());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void saysWhereItStartsAndPushesWhatIsThereAndWhatComes() {
        var topic = client.createTopic("push", 1);
        client.append(topic, batch("a", "b"));
        var stream = open();

        stream.send(subscribe(1, topic, fromOffset(1)));
        var first = stream.next();
        stream.send(grant(1_000_000));
        var there = stream.next();
        client.append(topic, batch("c"));
        var came = stream.next();

        assertThat(first.getStartOffset()).isEqualTo(1);
        assertThat(first.getHighWatermark()).isEqualTo(2);
        assertThat(first.getRecordBatches().isEmpty()).isTrue();
        assertThat(firstBatch(there).baseOffset()).isZero();
        assertThat(firstBatch(came).baseOffset()).isEqualTo(2);
        assertThat(came.getHighWatermark()).isEqualTo(3);
        stream.complete();
        stream.awaitCompletion();
    }

    @Test
    void pushesNothingWithoutCreditAndTheFirstBatchEvenAboveIt() {
        var topic = client.createTopic("credit", 1);
        client.append(topic, batch("x".repeat(1000)));
        client.append(topic, batch("y".repeat(1000)));
        var stream = open();
        stream.send(subscribe(1, topic, earliest()));
        stream.next();

        stream.send(grant(1));
        var only = stream.next();
        // An answer to something else proves that nothing more was pushed before it.
        stream.send(subscribe(2, ApiClient.topic("nowhere"), earliest()));
        var refused = stream.next();
        stream.send(grant(3000));
        var next = stream.next();

        assertThat(batches(only)).isEqualTo(1);
        assertThat(refused.getSubscriptionId()).isEqualTo(2);
        assertThat(firstBatch(next).baseOffset()).isEqualTo(1);
        stream.complete();
    }

    @Test
    void servesASmallPartitionBesideABusyOne() {
        var busy = client.createTopic("busy", 1);
        var small = client.createTopic("small", 1);
        for (int i = 0; i < 20; i++) {
            client.append(busy, batch("x".repeat(100_000)));
        }
        client.append(small, batch("here"));
        var stream = open();
        stream.send(subscribe(1, busy, earliest(), 100_000));
        stream.send(subscribe(2, small, earliest()));
        stream.next();
        stream.next();

        stream.send(grant(50_000_000));

        var seen = new HashSet<Integer>();
        for (int i = 0; i < 4; i++) {
            seen.add(stream.next().getSubscriptionId());
        }
        assertThat(seen).contains(2);
        stream.complete();
    }

    @Test
    void endsOnlyTheSubscriptionThatIsRefused() {
        var topic = client.createTopic("survives", 1);
        client.append(topic, batch("a"));
        var stream = open();
        stream.send(grant(1_000_000));

        stream.send(subscribe(1, ApiClient.topic("nowhere"), earliest()));
        assertRefused(stream.next(), 1, ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);
        stream.send(subscribe(2, topic, fromOffset(-1)));
        assertRefused(stream.next(), 2, ErrorReason.OFFSET_OUT_OF_RANGE);
        stream.send(subscribe(3, topic, fromOffset(Long.MAX_VALUE)));
        assertRefused(stream.next(), 3, ErrorReason.OFFSET_OUT_OF_RANGE);
        stream.send(subscribe(4, topic, StartPosition.getDefaultInstance()));
        assertRefused(stream.next(), 4, ErrorReason.INVALID_REQUEST);
        stream.send(subscribe(5, topic, earliest(), -1));
        assertRefused(stream.next(), 5, ErrorReason.INVALID_REQUEST);
        stream.send(subscribe(6, topic, earliest()));

        assertThat(stream.next().getStartOffset()).isZero();
        assertThat(firstBatch(stream.next()).baseOffset()).isZero();
        stream.complete();
    }

    @Test
    void namesTheRangeWhenAnOffsetIsOutside() {
        var topic = client.createTopic("range", 1);
        client.append(topic, batch("a", "b", "c"));
        var stream = open();

        stream.send(subscribe(1, topic, fromOffset(4)));

        var refused = refusal(stream.next().getError());
        assertThat(refused.metadata("log_start")).isEqualTo("0");
        assertThat(refused.metadata("high_watermark")).isEqualTo("3");
        stream.complete();
    }

    @Test
    void refusesALeaderEpochThatIsNotTheLeaders() {
        var topic = client.createTopic("epochs", 1);
        client.append(topic, batch("a"));
        var stream = open();
        var request = subscribe(1, topic, earliest()).toBuilder();
        request.getSubscribeBuilder().setLeaderEpoch(1_000);

        stream.send(request.build());

        assertThat(refusal(stream.next().getError()).reason()).isEqualTo(ErrorReason.NOT_LEADER);
        stream.complete();
    }

    @Test
    void boundsTheSubscriptionsOfAStream() {
        var topic = client.createTopic("many", 1);
        var stream = open();

        for (int id = 1; id <= 3; id++) {
            stream.send(subscribe(id, topic, earliest()));
            assertThat(stream.next().hasError()).isFalse();
        }
        stream.send(subscribe(4, topic, earliest()));
        assertRefused(stream.next(), 4, ErrorReason.SUBSCRIPTION_LIMIT);
        stream.send(
                FetchRequest.newBuilder()
                        .setUnsubscribe(Unsubscribe.newBuilder().setSubscriptionId(1))
                        .build());
        stream.send(subscribe(5, topic, earliest()));

        assertThat(stream.next().hasError()).isFalse();
        stream.complete();
    }

    @Test
    void endsAStreamThatGrantsNothing() {
        var stream = open();

        stream.send(grant(0));

        assertThat(refusal(stream.error()).reason()).isEqualTo(ErrorReason.INVALID_REQUEST);
    }

    @Test
    void holdsLittleForAReaderThatNeverReads() {
        var topic = client.createTopic("never-read", 1);
        int total = 0;
        for (int i = 0; i < 40; i++) {
            var batch = batch("x".repeat(500_000));
            total += batch.limit();
            client.append(topic, batch);
        }
        long before = fetchedBytes();
        var connection = node.connect();
        var stub = FetchServiceGrpc.newStub(connection);
        var stream = RecordedStream.<FetchRequest, FetchResponse>openWithoutReading(stub::fetch);

        stream.send(subscribe(1, topic, earliest()));
        stream.send(grant(64L << 20));
        // Only the two windows of HTTP/2 and one push more can have left the node by now.
        stream.read(2);
        stream.next();
        stream.next();

        assertThat(fetchedBytes() - before).isLessThan(4 << 20).isLessThan(total / 4);
        var other = open();
        other.send(subscribe(1, topic, fromOffset(39)));
        other.send(grant(1_000_000));
        assertThat(other.next().getStartOffset()).isEqualTo(39);
        assertThat(firstBatch(other.next()).baseOffset()).isEqualTo(39);
        other.complete();
        connection.shutdownNow();
    }

    private static RecordedStream<FetchRequest, FetchResponse> open() {
        var stub = FetchServiceGrpc.newStub(node.channel());
        return RecordedStream.open(stub::fetch);
    }

    private static void assertRefused(FetchResponse answer, int subscription, ErrorReason reason) {
        assertThat(answer.getSubscriptionId()).isEqualTo(subscription);
        assertThat(refusal(answer.getError()).reason()).isEqualTo(reason);
    }

    private static FetchRequest subscribe(int id, TopicRef topic, StartPosition start) {
        return subscribe(id, topic, start, 0);
    }

    private static FetchRequest subscribe(int id, TopicRef topic, StartPosition start, int max) {
        return FetchRequest.newBuilder()
                .setSubscribe(
                        Subscribe.newBuilder()
                                .setSubscriptionId(id)
                                .setTopic(topic)
                                .setStart(start)
                                .setMaxBytes(max))
                .build();
    }

    private static FetchRequest grant(long bytes) {
        return FetchRequest.newBuilder().setGrantBytes(bytes).build();
    }

    private static StartPosition earliest() {
        return StartPosition.newBuilder().setEarliest(true).build();
    }

    private static StartPosition fromOffset(long offset) {
        return StartPosition.newBuilder().setOffset(offset).build();
    }

    private static RecordBatch firstBatch(FetchResponse answer) {
        return RecordBatch.at(answer.getRecordBatches().asReadOnlyByteBuffer(), 0);
    }

    private static int batches(FetchResponse answer) {
        int count = 0;
        for (var _ : RecordBatches.in(answer.getRecordBatches().asReadOnlyByteBuffer())) {
            count++;
        }
        return count;
    }

    private static long fetchedBytes() {
        var line = Pattern.compile("(?m)^weir_fetch_sent_bytes_total (\\S+)$");
        var found = line.matcher(node.node().scrapeMetrics());
        assertThat(found.find()).isTrue();
        return (long) Double.parseDouble(found.group(1));
    }
}
