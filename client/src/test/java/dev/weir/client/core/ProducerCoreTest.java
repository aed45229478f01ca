// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.core.ProducerEffect.Delivered;
import dev.weir.client.core.ProducerEffect.Failed;
import dev.weir.client.core.ProducerEffect.FindLeaders;
import dev.weir.client.core.ProducerEffect.OpenStream;
import dev.weir.client.core.ProducerEffect.Send;
import dev.weir.client.core.ProducerEffect.TakeIdentity;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Each rule on its own; the simulation holds them together.
class ProducerCoreTest {

    private static final PartitionId P = new PartitionId("t", 0);
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long CREDIT_BYTES = 1_000_000;
    private static final RuntimeException CAUSE = new IllegalStateException("a cause");

    private final ProducerCore<String> core =
            new ProducerCore<>(new ProducerCore.Settings(true, true, 5, 10 * SECOND_NS, 1));
    private final List<ProducerEffect<String>> effects = new ArrayList<>();
    private long nowNs = SECOND_NS;
    private long streamId;

    @BeforeEach
    void connect() {
        keep(core.onLeaders(P.topic(), Map.of(P, "node"), true, nowNs));
    }

    @Test
    void theFirstBatchAsksForAnIdentityThenForAStreamAndThenIsSent() {
        bring(batch(2));
        assertThat(effects).singleElement().isEqualTo(new TakeIdentity<>(null));

        keep(core.onIdentity(new ProducerIdentity(9, (short) 0), nowNs));
        assertThat(opened()).hasSize(1);
        assertThat(sends()).isEmpty();

        keep(core.onStreamOpened(1, CREDIT_BYTES, nowNs));
        var sent = RecordBatch.at(sends().getFirst().batch().bytes(), 0);
        assertThat(sent.producerId()).isEqualTo(9);
        assertThat(sent.baseSequence()).isZero();
    }

    @Test
    void sequencesCountRecords() {
        open();
        bring(batch(3));
        bring(batch(1));
        bring(batch(4));

        assertThat(sequences(sends())).containsExactly(1, 4, 5);
    }

    @Test
    void noMoreThanFiveBatchesAreWithoutAnAnswerCountedFromTheFirst() {
        open();
        for (int i = 0; i < 5; i++) {
            bring(batch(1));
        }
        assertThat(core.hasRoom(P)).isFalse();
        var sends = sends();
        answer(sends.get(1), accepted(1));
        answer(sends.get(4), accepted(4));
        assertThat(core.hasRoom(P)).as("the first is still out").isFalse();

        answer(sends.get(0), accepted(0));

        assertThat(core.hasRoom(P)).isTrue();
    }

    @Test
    void aFailureOfTheFirstHoldsTheSecondUntilBothCanGoAgainInOrder() {
        open();
        bring(batch(1));
        bring(batch(1));
        var sends = sends();
        answer(sends.get(0), new ProduceOutcome.Again(false, false, 0, CAUSE));
        passSeconds(1);
        assertThat(sends()).as("the second is still on its way").isEmpty();
        assertThat(core.hasRoom(P)).isFalse();

        answer(sends.get(1), new ProduceOutcome.OutOfSequence(CAUSE));
        passSeconds(1);

        assertThat(sequences(sends())).containsExactly(1, 2);
    }

    @Test
    void aLostStreamIsOpenedAgainAndEverythingSentAgainUnderTheSameSequences() {
        open();
        bring(batch(2));
        bring(batch(1));
        sends();
        keep(core.onStreamEnded(streamId, CAUSE, nowNs));
        assertThat(lookups()).hasSize(1);
        assertThat(opened()).as("not at once").isEmpty();

        passSeconds(1);
        keep(core.onStreamOpened(opened().getFirst().streamId(), CREDIT_BYTES, nowNs));

        assertThat(sequences(sends())).containsExactly(1, 3);
    }

    @Test
    void answersOfALostStreamMeanNothing() {
        open();
        bring(batch(1));
        var send = sends().getFirst();
        keep(core.onStreamEnded(streamId, CAUSE, nowNs));

        keep(core.onAnswer(send.streamId(), send.requestId(), accepted(0), 100, nowNs));

        assertThat(delivered()).isEmpty();
    }

    @Test
    void aNodeThatForgotTheProducerIsGivenTheNextEpochFromSequenceZero() {
        open();
        bring(batch(1));
        answer(sends().getFirst(), accepted(0));
        bring(batch(2));

        answer(sends().getFirst(), new ProduceOutcome.OutOfSequence(CAUSE));
        assertThat(identities())
                .containsExactly(new TakeIdentity<>(new ProducerIdentity(9, (short) 0)));
        keep(core.onIdentity(new ProducerIdentity(9, (short) 1), nowNs));
        passSeconds(1);

        var again = RecordBatch.at(sends().getFirst().batch().bytes(), 0);
        assertThat(again.producerEpoch()).isEqualTo((short) 1);
        assertThat(again.baseSequence()).isZero();
        assertThat(again.computeCrc()).isEqualTo(again.crc());
    }

    @Test
    void aBatchThatMayBeStoredIsNotSentUnderANewEpochWhenTheNodeForgotTheProducer() {
        open();
        bring(batch(1));
        answer(sends().getFirst(), accepted(0));
        bring(batch(1));
        sends();
        keep(core.onStreamEnded(streamId, CAUSE, nowNs));
        passSeconds(1);
        reopen();

        answer(sends().getFirst(), new ProduceOutcome.OutOfSequence(CAUSE));

        assertThat(failed())
                .singleElement()
                .satisfies(
                        failed ->
                                assertThat(failed.failure())
                                        .isEqualTo(new BatchFailure.OutcomeUnknown(CAUSE)));
    }

    /// It may lie with a replica that leads later: the simulator saw it stored twice.
    @Test
    void aBatchThatMayBeStoredIsNotSentAgainBehindOneThatWasGivenUp() {
        open();
        bring(batch(1));
        bring(batch(1));
        var sends = sends();
        keep(core.onStreamEnded(streamId, CAUSE, nowNs));
        passSeconds(1);
        reopen();
        sends = sends();
        answer(sends.get(0), new ProduceOutcome.Refused(CAUSE));

        answer(sends.get(1), new ProduceOutcome.OutOfSequence(CAUSE));

        assertThat(failed())
                .extracting(failed -> (Object) failed.failure())
                .containsExactly(
                        new BatchFailure.OutcomeUnknown(CAUSE),
                        new BatchFailure.OutcomeUnknown(CAUSE));
        assertThat(identities()).hasSize(1);
    }

    @Test
    void aRefusedBatchLeavesAGapThatOnlyANewEpochCloses() {
        open();
        bring(batch(1));
        bring(batch(1));
        var sends = sends();
        answer(sends.get(0), new ProduceOutcome.Refused(CAUSE));
        assertThat(failed()).hasSize(1);
        assertThat(identities()).as("the second is on its way").isEmpty();

        answer(sends.get(1), new ProduceOutcome.OutOfSequence(CAUSE));

        assertThat(identities()).hasSize(1);
        keep(core.onIdentity(new ProducerIdentity(9, (short) 1), nowNs));
        passSeconds(1);
        assertThat(sequences(sends())).containsExactly(0);
    }

    @Test
    void anEpochWhoseAnswerWasLostIsSkipped() {
        open();
        bring(batch(1));
        answer(sends().getFirst(), new ProduceOutcome.Refused(CAUSE));
        identities();
        keep(core.onIdentityRefused(null, nowNs));
        passSeconds(1);
        assertThat(identities())
                .containsExactly(new TakeIdentity<>(new ProducerIdentity(9, (short) 0)));

        keep(core.onIdentityRefused(CAUSE, nowNs));
        passSeconds(1);

        assertThat(identities())
                .containsExactly(new TakeIdentity<>(new ProducerIdentity(9, (short) 1)));
    }

    @Test
    void nothingIsSentBeyondTheCredit() {
        bring(batch(1));
        keep(core.onIdentity(new ProducerIdentity(9, (short) 0), nowNs));
        int oneRequest = batch(1).sizeBytes() + ProducerCore.REQUEST_OVERHEAD_BYTES;
        keep(core.onStreamOpened(1, oneRequest, nowNs));
        bring(batch(1));
        List<Send<String>> first = sends();
        assertThat(first).hasSize(1);

        keep(core.onAnswer(1, -1, null, oneRequest - 1, nowNs));
        assertThat(sends()).isEmpty();
        keep(core.onAnswer(1, -1, null, 1, nowNs));

        assertThat(sends()).hasSize(1);
    }

    @Test
    void aBatchOutOfTimeIsReportedOnceAndItsLateAnswerIsNot() {
        open();
        bring(batch(1));
        var send = sends().getFirst();
        passSeconds(6);
        assertThat(failed())
                .singleElement()
                .satisfies(
                        failed ->
                                assertThat(failed.failure())
                                        .isEqualTo(new BatchFailure.TimedOut(true, null)));

        passSeconds(1);
        answer(send, accepted(0));

        assertThat(failed()).isEmpty();
        assertThat(delivered()).isEmpty();
        bring(batch(1));
        assertThat(sequences(sends())).as("it was stored, so there is no gap").containsExactly(2);
    }

    @Test
    void aSilentStreamIsGivenUp() {
        open();
        bring(batch(1));
        passSeconds(11);

        assertThat(ended()).hasSize(1);
    }

    @Test
    void aWrongNodeIsLeftWhenTheLeaderIsKnown() {
        open();
        bring(batch(1));
        answer(sends().getFirst(), new ProduceOutcome.Again(false, true, 0, CAUSE));
        assertThat(lookups()).hasSize(1);
        passSeconds(1);
        assertThat(sends()).isEmpty();

        keep(core.onLeaders(P.topic(), Map.of(P, "other"), true, nowNs));

        assertThat(opened())
                .singleElement()
                .satisfies(open -> assertThat(open.node()).isEqualTo("other"));
    }

    @Test
    void aNodeThatOwesAnAnswerForLongIsSuspectedOnceATime() {
        open();
        bring(batch(1));
        var sent = sends().getFirst();

        passMs(200);
        assertThat(suspects()).isEmpty();
        passMs(200);
        passMs(50);
        assertThat(suspects()).hasSize(1);
        passMs(300);
        assertThat(suspects()).hasSize(1);

        answer(sent, accepted(1));
        passMs(1_000);
        assertThat(suspects()).isEmpty();
    }

    @Test
    void oneAnswerAboutTwoPartitionsLeadsToNoOtherQuestion() {
        var other = new PartitionId(P.topic(), 1);
        open();
        keep(core.onLeaders(P.topic(), Map.of(P, "node", other, "node"), true, nowNs));
        bring(batch(1));
        keep(core.onBatch(other, batch(1), nowNs));
        sends().forEach(send -> answer(send, new ProduceOutcome.Again(false, true, 0, CAUSE)));
        assertThat(lookups()).hasSize(1);
        effects.clear();

        keep(core.onLeaders(P.topic(), Map.of(P, "node", other, "node"), true, nowNs));

        assertThat(lookups()).isEmpty();
    }

    /// Identity, stream, and one record stored: the next sequence is 1.
    private void open() {
        keep(core.onIdentity(new ProducerIdentity(9, (short) 0), nowNs));
        bring(batch(1));
        reopen();
        answer(sends().getFirst(), accepted(0));
        effects.clear();
    }

    private void reopen() {
        streamId = opened().getLast().streamId();
        keep(core.onStreamOpened(streamId, CREDIT_BYTES, nowNs));
    }

    private void bring(ProducerBatch<String> batch) {
        keep(core.onBatch(P, batch, nowNs));
    }

    private void answer(Send<String> send, ProduceOutcome outcome) {
        keep(core.onAnswer(send.streamId(), send.requestId(), outcome, 0, nowNs));
    }

    private void passSeconds(int seconds) {
        nowNs += seconds * SECOND_NS;
        keep(core.onTick(nowNs));
    }

    private void passMs(long ms) {
        nowNs += ms * 1_000_000;
        keep(core.onTick(nowNs));
    }

    private void keep(List<ProducerEffect<String>> more) {
        for (var effect : more) {
            if (effect instanceof Send<String> send) {
                int bytes = send.batch().sizeBytes();
                core.onSent(
                        send.streamId(),
                        send.partition(),
                        bytes,
                        bytes + ProducerCore.REQUEST_OVERHEAD_BYTES);
            }
        }
        effects.addAll(more);
    }

    private List<Send<String>> sends() {
        return taken(Send.class);
    }

    private List<OpenStream<String>> opened() {
        return taken(OpenStream.class);
    }

    private List<Failed<String>> failed() {
        return taken(Failed.class);
    }

    private List<TakeIdentity<String>> identities() {
        return taken(TakeIdentity.class);
    }

    private List<FindLeaders<String>> lookups() {
        return taken(FindLeaders.class);
    }

    private List<Delivered<String>> delivered() {
        return taken(Delivered.class);
    }

    private List<ProducerEffect.Suspect<String>> suspects() {
        return taken(ProducerEffect.Suspect.class);
    }

    private List<ProducerEffect.EndStream<String>> ended() {
        return taken(ProducerEffect.EndStream.class);
    }

    /// The effects of a kind since they were last asked for.
    @SuppressWarnings("unchecked")
    private <E extends ProducerEffect<?>> List<E> taken(Class<?> kind) {
        var found = (List<E>) effects.stream().filter(kind::isInstance).toList();
        effects.removeIf(kind::isInstance);
        return found;
    }

    private static List<Integer> sequences(List<Send<String>> sends) {
        return sends.stream()
                .map(send -> RecordBatch.at(send.batch().bytes(), 0).baseSequence())
                .toList();
    }

    private static ProduceOutcome accepted(long baseOffset) {
        return new ProduceOutcome.Accepted(
                new Acknowledgement(baseOffset, 0, 3, List.of(1), List.of(1)));
    }

    private ProducerBatch<String> batch(int records) {
        var accumulator =
                new PartitionAccumulator<String>(
                        new PartitionAccumulator.Settings(
                                Compression.NONE, 4_096, 0, 5 * SECOND_NS));
        for (int i = 0; i < records; i++) {
            while (!accumulator.tryAppend(1, null, new byte[10], List.of(), "")) {
                accumulator.offerMemory(new byte[4_096], 100, nowNs, 0);
            }
        }
        return accumulator.poll(nowNs, true);
    }
}
