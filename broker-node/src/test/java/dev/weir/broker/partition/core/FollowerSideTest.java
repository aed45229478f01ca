// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.directory;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.epoch.LeaderEpochHistory.Entry;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/// The follower's side: sessions, truncation, pushes, acknowledgements.
class FollowerSideTest {

    /// Epoch 2 wrote 0 to 4, epoch 3 wrote 4 to 9.
    private final ReplicaHarness follower =
            new ReplicaHarness(new LogState(0, 9, 9, 3, 2), ReplicaLimits.DEFAULT);

    FollowerSideTest() {
        follower.log.epochs = new LeaderEpochHistory(List.of(new Entry(2, 0), new Entry(3, 4)));
    }

    private static Assignment led(int leader, int leaderEpoch, int partitionEpoch, boolean inIsr) {
        return assignment(
                leader,
                leaderEpoch,
                partitionEpoch,
                List.of(OTHER, NODE, 3),
                inIsr || leader == NODE
                        ? List.of(leader, NODE).stream().distinct().toList()
                        : List.of(leader));
    }

    private ReplicaMessage.OpenSession follow(Durability durability, boolean inIsr) {
        follower.image(led(OTHER, 5, 5, inIsr), config(durability, 1));
        return opened();
    }

    private ReplicaMessage.OpenSession opened() {
        var opened = follower.sent(ReplicaMessage.OpenSession.class);
        assertThat(opened).hasSize(1);
        return opened.getFirst();
    }

    private boolean opensNothing() {
        return follower.sent(ReplicaMessage.OpenSession.class).isEmpty();
    }

    private List<ReplicaMessage.Ack> acks() {
        return follower.sent(ReplicaMessage.Ack.class);
    }

    private void push(SessionId session, long baseOffset, int records, long highWatermark) {
        follower.receive(
                OTHER,
                new ReplicaMessage.Push(
                        session, 5, baseOffset, batches(records), highWatermark, 0));
    }

    private static PushedBatches batches(int records) {
        return records == 0 ? PushedBatches.NONE : new ReplicaHarness.Pushed(records, 5);
    }

    private long logEnd() {
        return follower.replica.view().logEndOffset();
    }

    // ---- opening

    @Test
    void opensASessionAtOnceOnTheLaneOfItsMembership() {
        var opened = follow(Durability.FSYNC, true);

        assertThat(opened)
                .isEqualTo(
                        new ReplicaMessage.OpenSession(
                                opened.session(), 5, directory(NODE), Lane.IN_SYNC, 9, 3));
        var outside = new ReplicaHarness();
        outside.image(led(OTHER, 5, 5, false), config(Durability.FSYNC, 1));
        assertThat(outside.sent(ReplicaMessage.OpenSession.class))
                .singleElement()
                .satisfies(open -> assertThat(open.lane()).isEqualTo(Lane.CATCHING_UP))
                .satisfies(open -> assertThat(open.lastEpoch()).isEqualTo(-1));
    }

    @Test
    void anEmptyLogNamesNoEpochEvenIfItsHistoryKnowsOne() {
        var empty = new ReplicaHarness(new LogState(9, 9, 9, 3, 9), ReplicaLimits.DEFAULT);

        empty.image(led(OTHER, 5, 5, true), config(Durability.FSYNC, 1));

        assertThat(empty.sent(ReplicaMessage.OpenSession.class))
                .singleElement()
                .satisfies(open -> assertThat(open.lastEpoch()).isEqualTo(-1));
    }

    @Test
    void doesNotTruncateBeforeItsLeaderHasAnswered() {
        follow(Durability.FSYNC, true);

        assertThat(follower.take(ReplicaEffect.TruncateTo.class)).isEmpty();
        assertThat(logEnd()).isEqualTo(9);
    }

    @Test
    void opensAnewWhenNoFirstAnswerComesWithAHigherNumber() {
        var first = follow(Durability.FSYNC, true);

        follower.tick(FollowerSide.FIRST_ANSWER_MS);
        assertThat(opensNothing()).isTrue();
        follower.tick(FollowerSide.BACKOFF_MIN_MS);

        assertThat(opened().session().number()).isGreaterThan(first.session().number());
    }

    @Test
    void aRefusalIsFollowedByAPauseThatDoublesUpToASecond() {
        var session = follow(Durability.FSYNC, true).session();

        for (var pauseMs : List.of(50, 100, 200, 400, 800, 1_000, 1_000)) {
            follower.receive(OTHER, new ReplicaMessage.Refused(session, 5));
            follower.tick(pauseMs - 1);
            assertThat(opensNothing()).as("within %d ms", pauseMs).isTrue();
            follower.tick(1);
            session = opened().session();
        }
    }

    @Test
    void anAcceptedPushEndsTheDoubling() {
        var session = follow(Durability.FSYNC, true).session();
        follower.receive(OTHER, new ReplicaMessage.Refused(session, 5));
        follower.tick(50);
        session = opened().session();
        push(session, 9, 0, 2);

        follower.receive(OTHER, new ReplicaMessage.Refused(session, 5));
        follower.tick(50);

        opened();
    }

    @Test
    void aBrokenLinkOfItsLaneEndsTheSession() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 0, 2);

        follower.step(new ReplicaEvent.LinkBroken(OTHER, Lane.CATCHING_UP));
        follower.step(new ReplicaEvent.LinkBroken(3, Lane.IN_SYNC));
        assertThat(follower.replica.view().wantsTicks()).isFalse();
        follower.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));
        assertThat(follower.replica.view().wantsTicks()).isTrue();
        follower.tick(50);

        opened();
    }

    @Test
    void sessionNumbersRiseOverTheReplicasThatAProcessHadOfAPartition() {
        var first = follow(Durability.FSYNC, true).session();
        var again = new ReplicaHarness();
        again.nowMs = follower.nowMs + 1;

        again.image(led(OTHER, 5, 5, true), config(Durability.FSYNC, 1));

        assertThat(again.sent(ReplicaMessage.OpenSession.class).getFirst().session().number())
                .isGreaterThan(first.number());
    }

    // ---- acknowledging

    @Test
    void acknowledgesNothingBeforeTheFirstPushWasAccepted() {
        var unflushed = new ReplicaHarness(new LogState(0, 9, 4, 3, 2), ReplicaLimits.DEFAULT);
        unflushed.image(led(OTHER, 5, 5, true), config(Durability.FSYNC, 1));
        var session = unflushed.sent(ReplicaMessage.OpenSession.class).getFirst().session();

        unflushed.flush();
        unflushed.tick(50);
        assertThat(unflushed.sent(ReplicaMessage.Ack.class)).isEmpty();
        unflushed.receive(OTHER, new ReplicaMessage.Push(session, 5, 9, PushedBatches.NONE, 2, 0));

        assertThat(unflushed.sent(ReplicaMessage.Ack.class))
                .containsExactly(new ReplicaMessage.Ack(session, 5, 9, 9, 2));
    }

    @Test
    void acknowledgesAnFsyncTopicWhenItsDurableEndHasMoved() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 0, 2);
        assertThat(acks()).hasSize(1);
        follower.flushWanted = false;

        push(session, 9, 3, 2);
        assertThat(acks()).isEmpty();
        assertThat(follower.flushWanted).isTrue();
        follower.flush();

        assertThat(acks()).containsExactly(new ReplicaMessage.Ack(session, 5, 12, 12, 2));
    }

    @Test
    void acknowledgesAReplicatedTopicWhenItHasAppended() {
        var session = follow(Durability.REPLICATED, true).session();
        push(session, 9, 0, 2);
        assertThat(acks()).hasSize(1);

        push(session, 9, 3, 2);
        assertThat(acks()).containsExactly(new ReplicaMessage.Ack(session, 5, 12, 9, 2));
        follower.flush();

        assertThat(acks()).isEmpty();
    }

    @Test
    void anEmptyPushIsAskingForAnAcknowledgement() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 0, 2);
        push(session, 9, 3, 2);
        acks();

        push(session, 12, 0, 2);

        assertThat(acks()).containsExactly(new ReplicaMessage.Ack(session, 5, 12, 9, 2));
    }

    @Test
    void aChangeToFsyncIsAnsweredWithWhatIsDurable() {
        var session = follow(Durability.REPLICATED, true).session();
        push(session, 9, 3, 2);
        follower.flush();
        acks();

        follower.image(led(OTHER, 5, 6, true), config(Durability.FSYNC, 1));

        assertThat(acks()).containsExactly(new ReplicaMessage.Ack(session, 5, 12, 12, 2));
    }

    // ---- pushes

    @Test
    void appendsWhatBeginsAtItsEndAndTakesTheHighWatermarkAsFarAsItReaches() {
        var session = follow(Durability.FSYNC, true).session();

        push(session, 9, 3, 100);
        assertThat(logEnd()).isEqualTo(12);
        assertThat(follower.highWatermark()).isEqualTo(12);
        push(session, 12, 1, 11);

        assertThat(follower.highWatermark()).isEqualTo(12);
        assertThat(logEnd()).isEqualTo(13);
    }

    @Test
    void aPushThatDoesNotBeginAtItsEndEndsTheSessionAndIsGivenBack() {
        var session = follow(Durability.FSYNC, true).session();
        var tooFar = new ReplicaHarness.Pushed(1, 5);

        follower.receive(OTHER, new ReplicaMessage.Push(session, 5, 10, tooFar, 2, 0));

        assertThat(follower.take(ReplicaEffect.ReleasePushed.class))
                .containsExactly(new ReplicaEffect.ReleasePushed(tooFar));
        push(session, 9, 1, 2);
        assertThat(logEnd()).isEqualTo(9);
        follower.tick(50);
        opened();
    }

    @Test
    void aRepeatedPushEndsTheSession() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 1, 2);

        push(session, 9, 1, 2);

        assertThat(logEnd()).isEqualTo(10);
        push(session, 10, 1, 2);
        assertThat(logEnd()).isEqualTo(10);
    }

    @Test
    void takesNothingOfAnotherSessionAnotherProcessOrAnotherNode() {
        var session = follow(Durability.FSYNC, true).session();
        var older = new SessionId(session.incarnation(), session.number() - 1);
        var ofEarlierLife = new SessionId(new UUID(1, 1), session.number());

        push(older, 9, 1, 9);
        push(ofEarlierLife, 9, 1, 9);
        follower.receive(3, new ReplicaMessage.Push(session, 5, 9, batches(1), 9, 0));
        follower.receive(OTHER, new ReplicaMessage.Diverged(older, 5, 2, 4));
        follower.receive(OTHER, new ReplicaMessage.Diverged(ofEarlierLife, 5, 2, 4));

        assertThat(logEnd()).isEqualTo(9);
        assertThat(follower.highWatermark()).isEqualTo(2);
        assertThat(follower.take(ReplicaEffect.TruncateTo.class)).isEmpty();
        assertThat(follower.take(ReplicaEffect.ReleasePushed.class)).hasSize(3);
    }

    @Test
    void anotherEpochEndsTheSession() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 1, 2);

        follower.image(led(3, 6, 6, true), config(Durability.FSYNC, 1));
        push(session, 10, 1, 2);

        assertThat(logEnd()).isEqualTo(10);
        assertThat(opened().leaderEpoch()).isEqualTo(6);
        assertThat(follower.sent(ReplicaMessage.Ack.class)).isEmpty();
    }

    @Test
    void aPushThatFindsNoRoomEndsTheSessionAndIsNotAcknowledged() {
        var full = new ReplicaHarness();
        full.image(led(OTHER, 5, 5, true), config(Durability.REPLICATED, 1));
        var session = full.sent(ReplicaMessage.OpenSession.class).getFirst().session();

        var effects =
                full.replica.step(
                        new ReplicaEvent.Received(
                                OTHER, new ReplicaMessage.Push(session, 5, 0, batches(1), 0, 0)),
                        full.nowMs);
        assertThat(effects).hasOnlyElementsOfType(ReplicaEffect.AppendReplicated.class);
        full.step(new ReplicaEvent.AppendRefused());

        assertThat(full.sent(ReplicaMessage.Ack.class)).isEmpty();
        assertThat(full.replica.view().logEndOffset()).isZero();
        full.tick(50);
        assertThat(full.sent(ReplicaMessage.OpenSession.class)).hasSize(1);
    }

    @Test
    void dropsWhatItsLeaderHasDropped() {
        var session = follow(Durability.FSYNC, true).session();

        follower.receive(OTHER, new ReplicaMessage.Push(session, 5, 9, PushedBatches.NONE, 9, 4));
        follower.receive(OTHER, new ReplicaMessage.Push(session, 5, 9, PushedBatches.NONE, 9, 20));

        assertThat(follower.take(ReplicaEffect.RaiseLogStart.class))
                .containsExactly(new ReplicaEffect.RaiseLogStart(4));
    }

    // ---- lanes

    @Test
    void changesTheLaneWithAHigherSessionOnceItHasReachedTheHighWatermark() {
        var opened = follow(Durability.FSYNC, false);
        assertThat(opened.lane()).isEqualTo(Lane.CATCHING_UP);

        push(opened.session(), 9, 2, 11);
        assertThat(opensNothing()).as("appended, not durable").isTrue();
        follower.flush();

        var next = opened();
        assertThat(next.lane()).isEqualTo(Lane.IN_SYNC);
        assertThat(next.session().number()).isGreaterThan(opened.session().number());
        assertThat(next.fetchOffset()).isEqualTo(11);
    }

    @Test
    void leavesTheLaneOfTheIsrWhenItIsRemovedFromIt() {
        var opened = follow(Durability.FSYNC, true);
        push(opened.session(), 9, 0, 9);

        follower.image(led(OTHER, 5, 6, false), config(Durability.FSYNC, 1));

        assertThat(opened().lane()).isEqualTo(Lane.CATCHING_UP);
    }

    @Test
    void waitsOnTheLaneOfTheIsrToBeProposed() {
        var opened = follow(Durability.FSYNC, false);
        push(opened.session(), 9, 0, 9);
        assertThat(opened().lane()).isEqualTo(Lane.IN_SYNC);

        follower.image(led(OTHER, 5, 6, false), config(Durability.FSYNC, 1));

        assertThat(opensNothing()).isTrue();
    }

    // ---- truncation and reset

    @Test
    void cutsAtTheSmallerOfBothEndsOfTheEpochAndOpensAnewWhenThatIsDurable() {
        var session = follow(Durability.FSYNC, true).session();

        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 2, 7));
        assertThat(follower.take(ReplicaEffect.TruncateTo.class))
                .containsExactly(new ReplicaEffect.TruncateTo(4));
        assertThat(opensNothing()).isTrue();
        follower.log.epochs = follower.log.epochs.truncateFromEnd(4);
        follower.endOffset = 4;
        follower.step(new ReplicaEvent.Truncated(4));

        var next = opened();
        assertThat(next.fetchOffset()).isEqualTo(4);
        assertThat(next.lastEpoch()).isEqualTo(2);
        assertThat(logEnd()).isEqualTo(4);
        assertThat(follower.replica.view().durableEndOffset()).isEqualTo(4);
    }

    @Test
    void aCutFindsTheSpaceThatAFlushBeforeItDidNot() {
        var session = follow(Durability.FSYNC, true).session();
        follower.step(new ReplicaEvent.FlushRefused());
        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 2, 7));
        follower.log.epochs = follower.log.epochs.truncateFromEnd(4);
        follower.endOffset = 4;

        follower.step(new ReplicaEvent.Truncated(4));

        // Nothing is left to be flushed that could tell that there is space.
        follower.image(led(NODE, 6, 6, true), config(Durability.FSYNC, 1));
        follower.produce("a", plain(1), Acks.LEADER);
        assertThat(follower.answer("a")).containsInstanceOf(ProduceOutcome.Accepted.class);
    }

    @Test
    void cutsAtTheLeadersEndOfTheEpochWhereThatIsSmaller() {
        var session = follow(Durability.FSYNC, true).session();

        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 3, 6));

        assertThat(follower.take(ReplicaEffect.TruncateTo.class))
                .containsExactly(new ReplicaEffect.TruncateTo(6));
    }

    @Test
    void cutsEverythingWhereNothingIsInCommon() {
        var session = follow(Durability.FSYNC, true).session();

        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, -1, 0));

        assertThat(follower.take(ReplicaEffect.TruncateTo.class))
                .containsExactly(new ReplicaEffect.TruncateTo(0));
    }

    @Test
    void takesNothingForTheLogWhileItIsBeingCut() {
        var session = follow(Durability.FSYNC, true).session();
        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 3, 6));
        follower.take(ReplicaEffect.TruncateTo.class);

        push(session, 9, 1, 9);
        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 2, 4));
        follower.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));
        follower.tick(10_000);

        assertThat(follower.take(ReplicaEffect.TruncateTo.class)).isEmpty();
        assertThat(follower.take(ReplicaEffect.AppendReplicated.class)).isEmpty();
        assertThat(follower.take(ReplicaEffect.ReleasePushed.class)).hasSize(1);
        assertThat(opensNothing()).isTrue();
        assertThat(follower.highWatermark()).isEqualTo(2);
    }

    @Test
    void anAnswerToTheOpeningThatComesAfterTheFirstPushIsStale() {
        var session = follow(Durability.FSYNC, true).session();
        push(session, 9, 1, 2);

        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 3, 6));
        follower.receive(
                OTHER,
                new ReplicaMessage.Reset(
                        session, 5, 20, ByteBuffer.allocate(0), ByteBuffer.allocate(0)));

        assertThat(follower.take(ReplicaEffect.TruncateTo.class)).isEmpty();
        assertThat(follower.take(ReplicaEffect.ResetTo.class)).isEmpty();
        push(session, 10, 1, 2);
        assertThat(logEnd()).isEqualTo(11);
    }

    @Test
    void beginsAnewAtTheLeadersLogStart() {
        var session = follow(Durability.FSYNC, false).session();
        var reset =
                new ReplicaMessage.Reset(
                        session, 5, 20, ByteBuffer.allocate(4), ByteBuffer.allocate(1));

        follower.receive(OTHER, reset);
        assertThat(follower.take(ReplicaEffect.ResetTo.class))
                .containsExactly(new ReplicaEffect.ResetTo(reset));
        follower.log.startOffset = 20;
        follower.log.epochs = LeaderEpochHistory.empty();
        follower.step(new ReplicaEvent.ResetDone(20));

        var next = opened();
        assertThat(next.fetchOffset()).isEqualTo(20);
        assertThat(next.lastEpoch()).isEqualTo(-1);
        assertThat(follower.highWatermark()).isEqualTo(20);
        assertThat(acks()).isEmpty();
    }

    @Test
    void whoIsElectedWhileItsLogIsBeingCutLeadsOnceThatIsDone() {
        var session = follow(Durability.FSYNC, true).session();
        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 3, 6));

        follower.image(led(NODE, 6, 6, true), config(Durability.FSYNC, 1));
        follower.produce("early", plain(1), Acks.ALL);
        assertThat(follower.answer("early"))
                .contains(new ProduceOutcome.Refused(new NotLeader(OTHER, 5), false));
        follower.endOffset = 6;
        follower.step(new ReplicaEvent.Truncated(6));

        assertThat(follower.replica.view().role()).isEqualTo(new ReplicaRole.Leader(NODE, 6, 6));
        assertThat(opensNothing()).isTrue();
    }

    @Test
    void aCutThatMovesTheEndUpIsABrokenInvariant() {
        var session = follow(Durability.FSYNC, true).session();
        follower.receive(OTHER, new ReplicaMessage.Diverged(session, 5, 3, 6));

        assertThatThrownBy(() -> follower.step(new ReplicaEvent.Truncated(10)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesWhoTakesItForTheLeader() {
        follow(Durability.FSYNC, true);

        follower.open(3, 7, 5, 0, -1);

        assertThat(follower.sent(ReplicaMessage.Refused.class))
                .containsExactly(new ReplicaMessage.Refused(ReplicaHarness.session(3, 7), 5));
    }
}
