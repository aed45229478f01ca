// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.directory;
import static dev.weir.broker.partition.core.ReplicaHarness.incarnation;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;
import static dev.weir.broker.partition.core.ReplicaHarness.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.UUID;

/// The leader's side: which sessions are taken, and what of them counts.
class LeaderSessionsTest {

    private static final UUID NEXT_LIFE = new UUID(101, OTHER);

    private final ReplicaHarness leader = new ReplicaHarness();

    @BeforeEach
    void leads() {
        leader.image(bothInSync(1, 1), config(Durability.FSYNC, 1));
    }

    private static Assignment bothInSync(int leaderEpoch, int partitionEpoch) {
        return assignment(
                NODE, leaderEpoch, partitionEpoch, List.of(NODE, OTHER), List.of(NODE, OTHER));
    }

    private static Assignment otherIs(UUID incarnation, int partitionEpoch) {
        return new Assignment(
                NODE,
                1,
                partitionEpoch,
                List.of(
                        new AssignedReplica(NODE, incarnation(NODE), directory(NODE), true),
                        new AssignedReplica(OTHER, incarnation, directory(OTHER), true)),
                List.of(NODE, OTHER),
                List.of(),
                false);
    }

    /// Three records in the log, none of them flushed here.
    private void threeRecords() {
        leader.produce("a", plain(3), Acks.ALL);
    }

    private List<ReplicaEffect.Feed> feeds() {
        return leader.take(ReplicaEffect.Feed.class);
    }

    private List<ReplicaMessage.Refused> refusals() {
        return leader.sent(ReplicaMessage.Refused.class);
    }

    @Test
    void feedsAFollowerFromItsEnd() {
        threeRecords();

        leader.open(OTHER, 7, 1, 2, 1);

        assertThat(feeds())
                .containsExactly(new ReplicaEffect.Feed(OTHER, session(OTHER, 7), Lane.IN_SYNC, 2));
    }

    @Test
    void answersADivergedFollowerWithWhereTheLogsPartAndFeedsItNothing() {
        threeRecords();

        leader.open(OTHER, 7, 1, 5, 1);

        assertThat(leader.sent(ReplicaMessage.Diverged.class))
                .containsExactly(new ReplicaMessage.Diverged(session(OTHER, 7), 1, 1, 3));
        assertThat(feeds()).isEmpty();
    }

    @Test
    void answersAFollowerBelowTheLogStartWithAReset() {
        var trimmed = new ReplicaHarness(new LogState(5, 9, 9, 0, 5), ReplicaLimits.DEFAULT);
        trimmed.image(bothInSync(1, 1), config(Durability.FSYNC, 1));

        trimmed.open(OTHER, 7, 1, 0, -1);

        assertThat(trimmed.sent(ReplicaMessage.Reset.class))
                .singleElement()
                .satisfies(reset -> assertThat(reset.logStart()).isEqualTo(5))
                .satisfies(reset -> assertThat(reset.session()).isEqualTo(session(OTHER, 7)));
    }

    @Test
    void refusesASessionOfAProcessThatIsNotRegistered() {
        leader.receive(
                OTHER,
                new ReplicaMessage.OpenSession(
                        new SessionId(NEXT_LIFE, 7), 1, directory(OTHER), Lane.IN_SYNC, 0, -1));

        assertThat(feeds()).isEmpty();
        assertThat(refusals())
                .containsExactly(new ReplicaMessage.Refused(new SessionId(NEXT_LIFE, 7), 1));
    }

    @Test
    void refusesASessionOfAnotherDirectory() {
        leader.receive(
                OTHER,
                new ReplicaMessage.OpenSession(
                        session(OTHER, 7), 1, new UUID(9, 9), Lane.IN_SYNC, 0, -1));

        assertThat(feeds()).isEmpty();
        assertThat(refusals()).hasSize(1);
    }

    @Test
    void refusesASessionOfAnOlderEpochAndOneOfANodeWithoutAReplica() {
        leader.image(bothInSync(2, 2), config(Durability.FSYNC, 1));

        leader.open(OTHER, 7, 1, 0, -1);
        leader.open(3, 7, 2, 0, -1);

        assertThat(feeds()).isEmpty();
        assertThat(refusals()).containsExactly(new ReplicaMessage.Refused(session(OTHER, 7), 2));
    }

    @Test
    void answersWhoHasHeardOfItsNextEpochEarlierWhenItHasHeardToo() {
        leader.open(OTHER, 7, 2, 0, -1);
        assertThat(leader.others).isEmpty();

        leader.image(bothInSync(2, 2), config(Durability.FSYNC, 1));

        assertThat(feeds())
                .containsExactly(new ReplicaEffect.Feed(OTHER, session(OTHER, 7), Lane.IN_SYNC, 0));
    }

    @Test
    void ignoresASessionThatIsNotHigher() {
        leader.open(OTHER, 7, 1, 0, -1);
        leader.others.clear();

        leader.open(OTHER, 7, 1, 0, -1);
        leader.open(OTHER, 6, 1, 0, -1);

        assertThat(leader.others).isEmpty();
    }

    @Test
    void forgetsAFollowersEndsWhenItBeginsASession() {
        threeRecords();
        leader.open(OTHER, 7, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 3, 3);

        leader.open(OTHER, 8, 1, 1, 1);
        leader.flush();

        assertThat(leader.highWatermark()).isZero();
        leader.ack(OTHER, 8, 1, 3, 3);
        assertThat(leader.highWatermark()).isEqualTo(3);
    }

    @Test
    void forgetsAllEndsAtItsOwnElection() {
        threeRecords();
        leader.open(OTHER, 7, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 3, 3);

        leader.image(bothInSync(2, 2), config(Durability.FSYNC, 1));
        leader.flush();

        assertThat(leader.highWatermark()).isZero();
        assertThat(leader.take(ReplicaEffect.StopFeed.class)).hasSize(1);
    }

    @Test
    void forgetsTheEndsOfAProcessThatIsRegisteredNoMore() {
        threeRecords();
        leader.open(OTHER, 7, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 3, 3);

        leader.image(otherIs(NEXT_LIFE, 1), config(Durability.FSYNC, 1));
        leader.flush();

        assertThat(leader.highWatermark()).isZero();
        assertThat(leader.take(ReplicaEffect.StopFeed.class))
                .containsExactly(new ReplicaEffect.StopFeed(OTHER));
    }

    @Test
    void countsNoAckOfAnotherSession() {
        threeRecords();
        leader.flush();
        leader.open(OTHER, 7, 1, 3, 1);
        leader.open(OTHER, 8, 1, 1, 1);

        leader.ack(OTHER, 7, 1, 3, 3);

        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void countsNoAckOfAnotherProcessWithTheSameSessionNumber() {
        threeRecords();
        leader.flush();
        leader.open(OTHER, 7, 1, 0, -1);

        leader.receive(OTHER, new ReplicaMessage.Ack(new SessionId(NEXT_LIFE, 7), 1, 3, 3, 0));

        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void countsNoEndInASessionWhoseFirstAnswerWasATruncation() {
        threeRecords();
        leader.flush();
        leader.open(OTHER, 7, 1, 5, 1);

        leader.ack(OTHER, 7, 1, 3, 3);

        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void countsNoEndInASessionWhoseFirstAnswerWasAReset() {
        var trimmed = new ReplicaHarness(new LogState(5, 9, 9, 0, 5), ReplicaLimits.DEFAULT);
        trimmed.image(bothInSync(1, 1), config(Durability.FSYNC, 1));
        trimmed.open(OTHER, 7, 1, 0, -1);

        trimmed.ack(OTHER, 7, 1, 9, 9);

        assertThat(trimmed.highWatermark()).isEqualTo(5);
    }

    @Test
    void doesNotBelieveAFollowerThatHoldsMoreThanItsLeader() {
        threeRecords();
        leader.flush();
        leader.open(OTHER, 7, 1, 0, -1);

        leader.ack(OTHER, 7, 1, 4, 4);

        assertThat(leader.highWatermark()).isZero();
        assertThat(refusals()).hasSize(1);
        leader.ack(OTHER, 7, 1, 3, 3);
        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void whatWasAcknowledgedCountsWhenTheLinkHasBroken() {
        threeRecords();
        leader.open(OTHER, 7, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 3, 3);

        leader.step(new ReplicaEvent.LinkBroken(OTHER, Lane.CATCHING_UP));
        assertThat(leader.take(ReplicaEffect.StopFeed.class)).isEmpty();
        leader.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));
        leader.flush();

        assertThat(leader.take(ReplicaEffect.StopFeed.class)).hasSize(1);
        assertThat(leader.highWatermark()).isEqualTo(3);
    }

    @Test
    void tellsAFollowerWhoseFeedBrokeThatItsSessionIsOver() {
        leader.open(OTHER, 7, 1, 0, -1);
        leader.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));
        assertThat(leader.replica.view().wantsTicks()).isTrue();

        leader.tick(LeaderSessions.REFUSE_MS);
        assertThat(refusals()).containsExactly(new ReplicaMessage.Refused(session(OTHER, 7), 1));
        leader.open(OTHER, 8, 1, 0, -1);
        leader.step(new ReplicaEvent.FeedBroken(OTHER, session(OTHER, 7)));
        assertThat(refusals()).isEmpty();
        leader.step(new ReplicaEvent.FeedBroken(OTHER, session(OTHER, 8)));

        assertThat(refusals()).hasSize(1);
    }

    @Test
    void movesTheWindowOfAFeed() {
        threeRecords();
        leader.open(OTHER, 7, 1, 0, -1);

        leader.ack(OTHER, 7, 1, 2, 0);

        assertThat(leader.take(ReplicaEffect.AdvanceFeed.class))
                .containsExactly(new ReplicaEffect.AdvanceFeed(OTHER, 2));
    }

    @Test
    void nudgesAFollowerThatIsBehindAndSilent() {
        leader.open(OTHER, 7, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 0, 0);
        threeRecords();
        leader.flush();

        leader.tick(LeaderSessions.NUDGE_MS - 1);
        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).isEmpty();
        leader.tick(1);
        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).hasSize(1);
        leader.tick(1);

        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).isEmpty();
    }

    @Test
    void saysNothingMoreOnceAllIsAcknowledgedAndTheHighWatermarkHeard() {
        leader.open(OTHER, 7, 1, 0, -1);
        threeRecords();
        leader.flush();
        leader.ack(OTHER, 7, 1, 3, 3);
        assertThat(leader.highWatermark()).isEqualTo(3);
        assertThat(leader.replica.view().wantsTicks()).isTrue();

        leader.tick(LeaderSessions.NUDGE_MS);
        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).hasSize(1);
        leader.tick(LeaderSessions.NUDGE_MS);
        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).as("it was lost").hasSize(1);
        leader.ack(OTHER, 7, 1, 3, 3);

        assertThat(leader.replica.view().wantsTicks()).isFalse();
        leader.tick(5_000);
        assertThat(leader.take(ReplicaEffect.NudgeFeed.class)).isEmpty();
    }

    @Test
    void anOfflineReplicaTakesPartInNothing() {
        leader.open(OTHER, 7, 1, 0, -1);
        threeRecords();

        leader.step(new ReplicaEvent.Failed("disk", true));
        assertThat(leader.take(ReplicaEffect.StopFeed.class)).hasSize(1);
        leader.others.clear();
        leader.open(OTHER, 8, 1, 0, -1);
        leader.ack(OTHER, 7, 1, 3, 3);
        leader.image(
                assignment(OTHER, 2, 2, List.of(NODE, OTHER), List.of(OTHER)),
                config(Durability.FSYNC, 1));
        leader.tick(20_000);

        assertThat(leader.others).isEmpty();
        assertThat(leader.highWatermark()).isZero();
    }
}
