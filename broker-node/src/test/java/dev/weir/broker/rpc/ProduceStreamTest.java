// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;
import static dev.weir.broker.rpc.ApiClient.request;
import static dev.weir.broker.rpc.ApiClient.sequenced;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;

import dev.weir.api.v1.Acks;
import dev.weir.api.v1.DeleteTopicRequest;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.Durability;
import dev.weir.api.v1.InitProducerRequest;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.Sequence;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.TestNode;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

class ProduceStreamTest {

    private static final int CREDIT = 256 * 1024;

    @TempDir private static Path directory;
    private static TestNode node;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        node =
                TestNode.start(
                        directory,
                        Map.of(
                                "produce.credit.bytes", "" + CREDIT,
                                "batch.max.bytes", "" + 128 * 1024));
        client = new ApiClient(node.channel());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void answersEachRequestWithWhereItIsAndHowSafe() {
        var topic = client.createTopic("receipts", 1);
        var stream = open();

        stream.send(request(7, topic, batch("a", "b")));
        var first = stream.next();
        stream.send(request(8, topic, batch("c")));
        var second = stream.next();

        assertThat(first.getRequestId()).isEqualTo(7);
        assertThat(first.getReceipts(0).getBaseOffset()).isZero();
        assertThat(first.getReceipts(0).getRecordCount()).isEqualTo(2);
        assertThat(first.getReceipts(0).getDurability()).isEqualTo(Durability.DURABILITY_FSYNC);
        assertThat(first.getReceipts(0).getDurableReplicasList()).containsExactly(1);
        assertThat(first.getReceipts(0).getAtLeastOnce()).isTrue();
        assertThat(second.getReceipts(0).getBaseOffset()).isEqualTo(2);
        stream.complete();
        stream.awaitCompletion();
    }

    @Test
    void goesOnAfterRequestsThatAreRefused() {
        var topic = client.createTopic("goes-on", 1);
        var stream = open();

        stream.send(request(1, ApiClient.topic("no-such-topic"), batch("a")));
        stream.send(request(2, ApiClient.topic("../x"), batch("a")));
        stream.send(request(3, topic, batch("a")).toBuilder().setPartition(9).build());
        stream.send(request(4, topic, batch("a")).toBuilder().clearPartition().build());
        stream.send(request(5, topic, batch("a")).toBuilder().clearPayload().build());
        stream.send(request(6, topic, batch("a")).toBuilder().setAcksValue(99).build());
        stream.send(request(7, topic, batch("kept")));

        assertThat(reason(stream)).isEqualTo(ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(reason(stream)).isEqualTo(ErrorReason.INVALID_TOPIC_NAME);
        assertThat(reason(stream)).isEqualTo(ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(reason(stream)).isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(reason(stream)).isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(reason(stream)).isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(stream.next().getReceiptsList()).hasSize(1);
        assertThat(client.readAll(topic).getRecordsCount()).isEqualTo(1);
        stream.complete();
    }

    @Test
    void refusesBatchesThatContradictThemselves() {
        var topic = client.createTopic("corrupt", 1);
        var stream = open();

        stream.send(request(1, topic, flipped(batch("a"), RecordBatchFormat.CRC_AT)));
        stream.send(request(2, topic, recounted(batch("a", "b"), 3)));
        stream.send(request(3, topic, truncatedVarint()));
        stream.send(request(4, topic, ByteBuffer.allocate(10)));
        stream.send(request(5, topic, trailing(batch("a"))));
        stream.send(request(6, topic, batch("good")));

        for (int id = 1; id <= 5; id++) {
            var answer = stream.next();
            assertThat(answer.getRequestId()).isEqualTo(id);
            assertThat(refusal(answer.getError()).reason()).isEqualTo(ErrorReason.CORRUPT_BATCH);
            assertThat(answer.getCreditBytes()).isPositive();
        }
        assertThat(stream.next().getReceipts(0).getBaseOffset()).isZero();
        stream.complete();
    }

    @Test
    void refusesABatchAboveTheLimitAndNamesTheLimit() {
        var topic = client.createTopic("too-large", 1);
        var stream = open();

        stream.send(request(1, topic, batch("x".repeat(130 * 1024))));

        var refused = refusal(stream.next().getError());
        assertThat(refused.reason()).isEqualTo(ErrorReason.MESSAGE_TOO_LARGE);
        assertThat(refused.metadata("limit")).isEqualTo("" + 128 * 1024);
        stream.complete();
    }

    @Test
    void refusesWhatIsSentBeyondTheCreditAndNothingElse() {
        var topic = client.createTopic("overrun", 1);
        var stream = open();
        var tooMuch = request(1, topic, batch("x".repeat(CREDIT + 1024)));

        stream.send(tooMuch);
        stream.send(request(2, topic, batch("fits")));

        var overrun = stream.next();
        assertThat(refusal(overrun.getError()).reason()).isEqualTo(ErrorReason.CREDIT_OVERRUN);
        assertThat(overrun.getCreditBytes()).isZero();
        var answered = stream.next();
        assertThat(answered.getReceiptsList()).hasSize(1);
        assertThat(answered.getCreditBytes())
                .isEqualTo(request(2, topic, batch("fits")).getSerializedSize());
        stream.complete();
    }

    @Test
    void givesTheCreditOfUnansweredRequestsBack() {
        var topic = client.createTopic("silent", 1);
        var stream = open();
        long sent = 0;
        long given = 0;

        // More than the initial credit: it only works if credit comes back.
        while (sent < 4L * CREDIT) {
            var request =
                    request(1, topic, batch("x".repeat(60 * 1024))).toBuilder()
                            .setAcks(Acks.ACKS_NONE)
                            .build();
            while (CREDIT + given - sent < request.getSerializedSize()) {
                var answer = stream.next();
                assertThat(answer.hasError()).isFalse();
                assertThat(answer.getReceiptsList()).isEmpty();
                given += answer.getCreditBytes();
            }
            stream.send(request);
            sent += request.getSerializedSize();
        }

        stream.complete();
        assertThat(given).isPositive();
    }

    @Test
    void answersADuplicateWithItsFirstOffset() {
        var topic = client.createTopic("duplicates", 1);
        long id = producerId();
        var stream = open();

        stream.send(request(1, topic, sequenced(id, 0, 0, "a", "b")));
        stream.send(request(2, topic, sequenced(id, 0, 2, "c")));
        stream.send(request(3, topic, sequenced(id, 0, 0, "a", "b")));

        var answers = answers(stream, 3);
        assertThat(answers.get(1L).getReceipts(0).getAtLeastOnce()).isFalse();
        var repeated = answers.get(3L).getReceipts(0);
        assertThat(repeated.getDuplicate()).isTrue();
        assertThat(repeated.getBaseOffset()).isZero();
        assertThat(client.readAll(topic).getRecordsCount()).isEqualTo(3);
        stream.complete();
    }

    @Test
    void refusesAGapInTheSequenceAndNamesWhatItExpects() {
        var topic = client.createTopic("gaps", 1);
        long id = producerId();
        var stream = open();

        stream.send(request(1, topic, sequenced(id, 0, 5, "a")));
        stream.send(request(2, topic, sequenced(id, 0, 0, "a")));
        stream.send(request(3, topic, sequenced(id, 0, 2, "c")));

        var answers = answers(stream, 3);
        assertThat(refusal(answers.get(1L).getError()).reason())
                .isIn(ErrorReason.OUT_OF_ORDER_SEQUENCE, ErrorReason.UNKNOWN_PRODUCER_ID);
        assertThat(answers.get(2L).hasError()).isFalse();
        var gap = refusal(answers.get(3L).getError());
        assertThat(gap.reason()).isEqualTo(ErrorReason.OUT_OF_ORDER_SEQUENCE);
        assertThat(gap.metadata("expected_sequence")).isEqualTo("1");
        stream.complete();
    }

    @Test
    void fencesAProducerWhoseNextEpochHasWritten() {
        var topic = client.createTopic("fenced", 1);
        long id = producerId();
        var stream = open();

        stream.send(request(1, topic, sequenced(id, 1, 0, "new")));
        stream.send(request(2, topic, sequenced(id, 0, 0, "old")));

        var answers = answers(stream, 2);
        assertThat(answers.get(1L).hasError()).isFalse();
        assertThat(refusal(answers.get(2L).getError()).reason())
                .isEqualTo(ErrorReason.PRODUCER_FENCED);
        stream.complete();
    }

    @Test
    void keepsTheOrderOfStructuredAndFinishedBatches() {
        var topic = client.createTopic("mixed", 1);
        long id = producerId();
        var stream = open();

        for (int at = 0; at < 40; at += 2) {
            var structured = Sequence.newBuilder().setProducerId(id).setBaseSequence(at);
            stream.send(
                    ProduceRequest.newBuilder()
                            .setTopic(topic)
                            .setRecords(
                                    ApiClient.records("structured").toBuilder()
                                            .setSequence(structured))
                            .build());
            stream.send(request(at + 1, topic, sequenced(id, 0, at + 1, "finished")));

            assertThat(stream.next().getError()).isEqualTo(Status.getDefaultInstance());
            assertThat(stream.next().getError()).isEqualTo(Status.getDefaultInstance());
        }
        stream.complete();
    }

    private static RecordedStream<ProduceRequest, ProduceResponse> open() {
        var stub = ProduceServiceGrpc.newStub(node.channel());
        return RecordedStream.open(stub::produce);
    }

    /// So many answers, by request id: refusals overtake what waits for the disk.
    private static Map<Long, ProduceResponse> answers(
            RecordedStream<ProduceRequest, ProduceResponse> stream, int count) {
        var answers = new HashMap<Long, ProduceResponse>();
        for (int at = 0; at < count; at++) {
            var answer = stream.next();
            answers.put(answer.getRequestId(), answer);
        }
        return answers;
    }

    private static long producerId() {
        return client.produce()
                .initProducer(InitProducerRequest.getDefaultInstance())
                .getProducerId();
    }

    private static ErrorReason reason(RecordedStream<ProduceRequest, ProduceResponse> stream) {
        return refusal(stream.next().getError()).reason();
    }

    private static ByteBuffer flipped(ByteBuffer batch, int at) {
        return batch.put(at, (byte) ~batch.get(at));
    }

    private static ByteBuffer recounted(ByteBuffer batch, int count) {
        batch.putInt(RecordBatchFormat.RECORD_COUNT_AT, count);
        return resealed(batch);
    }

    /// The record's length varint says that it goes on, and the batch ends.
    private static ByteBuffer truncatedVarint() {
        var whole = batch("a");
        var cut = ByteBuffer.allocate(RecordBatchFormat.HEADER_BYTES + 1);
        cut.put(0, whole, 0, RecordBatchFormat.HEADER_BYTES);
        cut.put(RecordBatchFormat.HEADER_BYTES, (byte) 0x80);
        cut.putInt(
                RecordBatchFormat.BATCH_LENGTH_AT,
                cut.limit() - RecordBatchFormat.LENGTH_PREFIX_BYTES);
        return resealed(cut);
    }

    private static ByteBuffer trailing(ByteBuffer batch) {
        return ByteBuffer.allocate(batch.limit() + 1).put(batch).rewind();
    }

    private static ByteBuffer resealed(ByteBuffer batch) {
        return batch.putInt(RecordBatchFormat.CRC_AT, RecordBatch.at(batch, 0).computeCrc());
    }

    @Test
    void takesATopicByItsIdAndRefusesAnIdThatIsGone() {
        client.createTopic("by-id", 1);
        var described =
                client.metadata()
                        .describeTopic(
                                DescribeTopicRequest.newBuilder()
                                        .setTopic(ApiClient.topic("by-id"))
                                        .build())
                        .getTopic();
        var byId = TopicRef.newBuilder().setId(described.getId()).build();
        var stream = open();

        stream.send(request(1, byId, batch("a")));
        assertThat(stream.next().getReceiptsList()).hasSize(1);
        client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setTopic(byId).build());
        stream.send(request(2, byId, batch("b")));

        assertThat(reason(stream)).isEqualTo(ErrorReason.UNKNOWN_TOPIC_ID);
        stream.complete();
    }
}
