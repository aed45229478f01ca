// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.Receipt;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.storage.NoPartitions;
import dev.weir.log.PartitionId;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import io.grpc.Channel;
import io.grpc.Deadline;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What a node does with the batches of a stream that it does not lead: two fake leaders, a real
/// wire between, and an image that the test changes.
class ForwardedProduceTest {

    private static final int SELF = 9;
    private static final long PATIENCE_S = 20;

    private final PartitionId partition = new PartitionId(UUID.randomUUID(), 0);
    private final FakeLeader one = new FakeLeader();
    private final FakeLeader two = new FakeLeader();
    private final Map<Integer, Channel> peers = new HashMap<>();
    private final StreamTimers timers = new StreamTimers();
    private volatile Leadership leadership = new Leadership.Led(1, 0);
    private ProduceLanes lanes;

    /// What the sender hears of one batch.
    private static final class Heard implements BatchListener {
        final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        final CompletableFuture<ApiError> error = new CompletableFuture<>();
        final AtomicInteger released = new AtomicInteger();

        @Override
        public void bytesReleased() {
            released.incrementAndGet();
        }

        @Override
        public void stored(Receipt given) {
            receipt.complete(given);
        }

        @Override
        public void refused(ApiError given) {
            error.complete(given);
        }

        Receipt awaitReceipt() {
            return await(receipt);
        }

        ErrorReason awaitReason() {
            return await(error).reason();
        }

        boolean isAnswered() {
            return receipt.isDone() || error.isDone();
        }
    }

    @BeforeEach
    void connect() {
        peers.put(1, one.channel());
        peers.put(2, two.channel());
        lanes = lanes(null);
    }

    @AfterEach
    void close() {
        lanes.close();
        timers.close();
        one.close();
        two.close();
    }

    private ProduceLanes lanes(Deadline deadline) {
        var forwarding =
                new Forwarding(
                        SELF,
                        _ -> leadership,
                        nodeId -> Optional.ofNullable(peers.get(nodeId)),
                        timers,
                        new MemoryBudget(1_000));
        return new ProduceLanes(forwarding, new NoPartitions(), new Principal("anna"), deadline);
    }

    private Heard send(ByteBuffer batch) {
        return send(batch, 30_000);
    }

    private Heard send(ByteBuffer batch, long timeoutMs) {
        var heard = new Heard();
        lanes.add(
                new AwayBatch(
                        new AwayBatch.Place("t", partition),
                        batch,
                        Acks.ALL,
                        StreamTimers.nowMs() + timeoutMs,
                        heard));
        return heard;
    }

    private Heard sendSequenced(int sequence) {
        return send(ApiClient.sequenced(7, 0, sequence, "v" + sequence));
    }

    static String value(RecordBatch batch) {
        var reader = RecordReader.open(batch, RecordLimits.DEFAULT);
        return new String(reader.next().valueBytes(), StandardCharsets.UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ApiError notLeader(int epoch) {
        return ApiError.of(ErrorReason.NOT_LEADER, "not here").with("epoch", epoch);
    }

    @Test
    void aRequestCarriesTheTopicsIdTheLeadersEpochThePrincipalAndTheMark() {
        var heard = sendSequenced(0);

        var came = one.next();
        came.store();

        assertThat(came.request().getTopic().getId())
                .isEqualTo(TopicRefs.bytes(partition.topicId()));
        assertThat(came.request().getLeaderEpoch()).isZero();
        assertThat(ForwardHeaders.principal(one.headers)).isEqualTo(new Principal("anna"));
        assertThat(heard.awaitReceipt().getBaseOffset()).isZero();
        assertThat(heard.released).hasValue(1);
    }

    @Test
    void theCallersDeadlineGoesWithIt() {
        lanes.close();
        lanes = lanes(Deadline.after(PATIENCE_S, TimeUnit.SECONDS));

        sendSequenced(0);
        one.next();

        assertThat(one.hasDeadline).isTrue();
    }

    @Test
    void theFirstBatchToALeaderGoesAlone() {
        var first = sendSequenced(0);
        sendSequenced(1);

        var came = one.next();
        assertThat(one.waiting()).isZero();
        came.store();

        first.awaitReceipt();
        assertThat(one.next().value()).isEqualTo("v1");
    }

    @Test
    void keepsItsOrderThroughARefusalAndAnotherLeader() {
        sendSequenced(0).isAnswered();
        one.next().store();
        var heard = new Heard[5];
        for (int i = 1; i < heard.length; i++) {
            heard[i] = sendSequenced(i);
        }
        var refused = one.next();
        var later = new FakeLeader.Came[] {one.next(), one.next(), one.next()};
        leadership = new Leadership.Led(2, 1);

        // The first comes back while the others are still on their way.
        refused.refuse(notLeader(1));
        heard[0] = sendSequenced(5);
        assertThat(two.waiting()).isZero();
        for (var each : later) {
            each.refuse(notLeader(1));
        }

        for (int i = 1; i <= 5; i++) {
            var came = two.next();
            assertThat(came.request().getLeaderEpoch()).isEqualTo(1);
            came.store();
        }
        assertThat(two.stored()).containsExactly("v1", "v2", "v3", "v4", "v5");
        for (var each : heard) {
            each.awaitReceipt();
            assertThat(each.released).hasValue(1);
        }
    }

    @Test
    void aLeaderThatDoesNotKnowYetThatItLeadsIsAskedAgain() {
        leadership = new Leadership.Led(1, 4);
        var heard = sendSequenced(0);

        one.next().refuse(notLeader(3));
        one.next().store();

        heard.awaitReceipt();
    }

    @Test
    void waitsForAnImageAsNewAsTheRefusal() {
        var heard = sendSequenced(0);

        one.next().refuse(notLeader(2));
        leadership = new Leadership.Led(2, 1);
        var stale = sendSequenced(1);
        leadership = new Leadership.Led(1, 2);

        one.next().store();
        heard.awaitReceipt();
        one.next().store();
        stale.awaitReceipt();
        assertThat(two.waiting()).isZero();
    }

    @Test
    void aGapThatARefusedBatchLeftIsNoNews() {
        sendSequenced(0);
        one.next().store();
        var first = sendSequenced(1);
        var second = sendSequenced(2);
        var refused = one.next();
        var gapped = one.next();

        refused.refuse(notLeader(1));
        gapped.refuse(ApiError.of(ErrorReason.OUT_OF_ORDER_SEQUENCE, "a gap"));
        leadership = new Leadership.Led(2, 1);

        two.next().store();
        two.next().store();
        first.awaitReceipt();
        second.awaitReceipt();
    }

    @Test
    void aGapOfTheSendersOwnIsHisToHear() {
        var heard = sendSequenced(3);

        one.next().refuse(ApiError.of(ErrorReason.OUT_OF_ORDER_SEQUENCE, "a gap"));

        assertThat(heard.awaitReason()).isEqualTo(ErrorReason.OUT_OF_ORDER_SEQUENCE);
        assertThat(heard.released).hasValue(1);
    }

    @Test
    void whatHasNoSequenceIsNeverSentTwice() {
        var cut = send(ApiClient.batch("once"));
        one.next().cut();
        assertThat(cut.awaitReason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);

        var unknown = send(ApiClient.batch("once too"));
        one.next().refuse(ApiError.of(ErrorReason.OUTCOME_UNKNOWN, "leadership ended"));
        assertThat(unknown.awaitReason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);

        leadership = new Leadership.Led(2, 1);
        var next = send(ApiClient.batch("next"));
        two.next().store();
        next.awaitReceipt();
        assertThat(two.stored()).containsExactly("next");
        assertThat(one.waiting()).isZero();
    }

    @Test
    void whatHasNoSequenceIsSentAgainWhenItIsKnownNotToBeStored() {
        var heard = send(ApiClient.batch("once"));
        one.next().refuse(notLeader(1));
        leadership = new Leadership.Led(2, 1);

        two.next().store();

        heard.awaitReceipt();
    }

    @Test
    void whatHasASequenceGoesAgainAfterItsConnectionBroke() {
        sendSequenced(0);
        one.next().store();
        var first = sendSequenced(1);
        var second = sendSequenced(2);
        one.next();
        one.next().cut();
        leadership = new Leadership.Led(2, 1);

        two.next().store();
        two.next().store();

        first.awaitReceipt();
        second.awaitReceipt();
        assertThat(two.stored()).containsExactly("v1", "v2");
    }

    @Test
    void whatNeverLeftGoesToTheNextLeader() {
        one.close();
        var heard = send(ApiClient.batch("once"));
        leadership = new Leadership.Led(2, 1);

        two.next().store();

        heard.awaitReceipt();
    }

    @Test
    void waitsForALeader() {
        leadership = new Leadership.Nobody(1);
        var heard = sendSequenced(0);
        assertThat(heard.isAnswered()).isFalse();

        leadership = new Leadership.Led(2, 2);

        two.next().store();
        heard.awaitReceipt();
    }

    @Test
    void saysThatNobodyLeadsWhenTheTimeIsOver() {
        leadership = new Leadership.Nobody(1);

        var heard = send(ApiClient.batch("v"), 50);

        assertThat(heard.awaitReason()).isEqualTo(ErrorReason.NO_LEADER);
        assertThat(heard.released).hasValue(1);
    }

    @Test
    void doesNotSayThatNothingWasStoredWhereItMayBe() {
        var heard = send(ApiClient.sequenced(7, 0, 0, "v"), 200);
        one.next().cut();
        leadership = new Leadership.Nobody(1);

        assertThat(heard.awaitReason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
    }

    @Test
    void aLeaderThatHangsIsLeftForANewerOne() {
        var heard = sendSequenced(0);
        one.next();

        leadership = new Leadership.Led(2, 1);

        two.next().store();
        heard.awaitReceipt();
    }

    @Test
    void aTopicThatIsGoneEndsTheWait() {
        leadership = new Leadership.Nobody(0);
        var heard = sendSequenced(0);

        leadership = new Leadership.Gone();

        assertThat(heard.awaitReason()).isEqualTo(ErrorReason.UNKNOWN_TOPIC_ID);
    }

    @Test
    void anErrorOfTheRequestItselfIsPassedOnAsItIs() {
        var heard = sendSequenced(0);

        one.next()
                .refuse(
                        ApiError.of(ErrorReason.NOT_ENOUGH_REPLICAS, "one of two")
                                .with("isr", 1)
                                .with("min_insync_replicas", 2));

        var error = await(heard.error);
        assertThat(error.reason()).isEqualTo(ErrorReason.NOT_ENOUGH_REPLICAS);
        assertThat(error.metadata()).containsEntry("min_insync_replicas", "2");
        assertThat(error.retryDelay()).isEqualTo(ApiError.DEFAULT_RETRY_DELAY);
    }

    @Test
    void aSenderThatLeavesLeavesNothingBehind() {
        leadership = new Leadership.Nobody(0);
        var heard = sendSequenced(0);

        lanes.close();

        assertThat(heard.released).hasValue(1);
        assertThat(lanes.beginHere(partition, 0)).isTrue();
    }

    @Test
    void aNodeThatStopsRefusesWhatWaits() {
        leadership = new Leadership.Nobody(0);
        var heard = sendSequenced(0);

        lanes.stop();

        assertThat(heard.awaitReason()).isEqualTo(ErrorReason.NODE_STOPPING);
    }

    @Test
    void sendsNoMoreThanTheLeaderGranted() {
        var value = "x".repeat(900_000);
        sendSequenced(0);
        one.next().store();
        for (int i = 1; i <= 6; i++) {
            send(ApiClient.sequenced(7, 0, i, value));
        }

        for (int i = 1; i <= 4; i++) {
            one.next();
        }

        assertThat(one.waiting()).isZero();
    }
}
