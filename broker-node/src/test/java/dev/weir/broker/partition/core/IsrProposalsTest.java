// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.directory;
import static dev.weir.broker.partition.core.ReplicaHarness.incarnation;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Who is proposed for the ISR, and what a proposal holds back until its end is known.
class IsrProposalsTest {

    private static final List<Integer> ALL = List.of(NODE, OTHER, 3);
    private static final UUID NEXT_LIFE = new UUID(101, OTHER);
    private static final long LAG_MS = ReplicaLimits.LAG_TIME_MAX_MS;

    private final ReplicaHarness leader = new ReplicaHarness();

    private void image(int partitionEpoch, List<Integer> isr) {
        leader.image(assignment(NODE, 1, partitionEpoch, ALL, isr), config(Durability.FSYNC, 1));
    }

    private static Assignment image(int partitionEpoch, UUID incarnationOfOther, boolean eligible) {
        var replicas = new ArrayList<AssignedReplica>();
        for (var node : ALL) {
            var incarnation = node == OTHER ? incarnationOfOther : incarnation(node);
            replicas.add(
                    new AssignedReplica(
                            node, incarnation, directory(node), node != OTHER || eligible));
        }
        return new Assignment(
                NODE, 1, partitionEpoch, replicas, List.of(NODE, 3), List.of(), false);
    }

    private void syncedFollower(int node, long end) {
        leader.open(node, 7, 1, end, end == 0 ? -1 : 1);
        leader.ack(node, 7, 1, end, end);
    }

    private static IsrMember member(int node) {
        return new IsrMember(node, incarnation(node));
    }

    private List<ReplicaEffect.ProposeIsr> proposals() {
        return leader.take(ReplicaEffect.ProposeIsr.class);
    }

    private ReplicaEffect.ProposeIsr proposal() {
        var proposals = proposals();
        assertThat(proposals).hasSize(1);
        return proposals.getFirst();
    }

    /// ISR of the leader and node 3; the other has joined as far as it is concerned.
    private ReplicaEffect.ProposeIsr joining() {
        image(1, List.of(NODE, 3));
        syncedFollower(3, 0);
        syncedFollower(OTHER, 0);
        return proposal();
    }

    /// One record that the leader and node 3 hold, and the joining follower does not.
    private void recordWithoutTheJoiner() {
        leader.produce("a", plain(1), Acks.ALL);
        leader.flush();
        leader.ack(3, 7, 1, 1, 1);
    }

    @Test
    void proposesAFollowerThatHasCaughtUpWithTheProcessesThatJustifyIt() {
        var proposal = joining();

        assertThat(proposal.leaderEpoch()).isEqualTo(1);
        assertThat(proposal.partitionEpoch()).isEqualTo(1);
        assertThat(proposal.isr()).containsExactly(member(NODE), member(OTHER), member(3));
    }

    @Test
    void aPendingMemberHoldsTheHighWatermark() {
        joining();

        recordWithoutTheJoiner();

        assertThat(leader.highWatermark()).isZero();
        leader.ack(OTHER, 7, 1, 1, 1);
        assertThat(leader.highWatermark()).isEqualTo(1);
    }

    @Test
    void aRefusalClearsNothing() {
        var proposal = joining();
        recordWithoutTheJoiner();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Refused(false, 1)));

        assertThat(leader.highWatermark()).isZero();
        assertThat(proposals()).isEmpty();
        leader.tick(IsrProposals.RETRY_MS);
        assertThat(proposal()).isEqualTo(proposal);
    }

    @Test
    void aTimeoutClearsNothingAndIsRetriedWithTheSame() {
        var proposal = joining();
        recordWithoutTheJoiner();

        leader.step(
                new ReplicaEvent.IsrAnswered(proposal.proposalNumber(), new IsrOutcome.Unknown()));
        assertThat(leader.highWatermark()).isZero();
        leader.tick(0);
        assertThat(proposal()).isEqualTo(proposal);
        leader.tick(IsrProposals.RETRY_MS);

        assertThat(leader.highWatermark()).isZero();
        assertThat(proposal()).isEqualTo(proposal);
    }

    @Test
    void aRetryNamesTheProcessThatJustifiedItEvenWhenAnotherIsRegistered() {
        var proposal = joining();

        leader.image(image(1, NEXT_LIFE, true), config(Durability.FSYNC, 1));
        leader.tick(IsrProposals.RETRY_MS);

        assertThat(proposal()).isEqualTo(proposal);
    }

    @Test
    void anIneligibleMemberIsReplacedByTheCommittedIsrAndStillHoldsTheHighWatermark() {
        var proposal = joining();
        recordWithoutTheJoiner();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Refused(true, 1)));
        leader.tick(IsrProposals.RETRY_MS);

        var next = proposal();
        assertThat(next.isr()).containsExactly(member(NODE), member(3));
        assertThat(next.partitionEpoch()).isEqualTo(1);
        assertThat(next.proposalNumber()).isGreaterThan(proposal.proposalNumber());
        leader.ack(3, 7, 1, 1, 1);
        assertThat(leader.highWatermark()).isZero();
        // What was accepted raises the partition epoch: now the first one can never be committed.
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        next.proposalNumber(),
                        new IsrOutcome.Accepted(1, 2, List.of(NODE, 3), List.of())));
        assertThat(leader.highWatermark()).isEqualTo(1);
    }

    @Test
    void aRefusalOfAnEarlierProposalSaysNothingOfTheCurrentOne() {
        var proposal = joining();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber() - 1, new IsrOutcome.Refused(true, 1)));
        leader.tick(IsrProposals.RETRY_MS);

        assertThat(proposal()).isEqualTo(proposal);
    }

    @Test
    void anAcceptedProposalIsCommitted() {
        var proposal = joining();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Accepted(1, 2, ALL, List.of())));

        assertThat(leader.replica.view().isr()).isEqualTo(ALL);
        assertThat(leader.replica.view().partitionEpoch()).isEqualTo(2);
        recordWithoutTheJoiner();
        assertThat(leader.highWatermark()).isZero();
    }

    /// `min.insync.replicas` was raised to 3, which this leader does not know yet: the controller
    /// keeps the member that left electable, and it lacks the record.
    @Test
    void nothingIsCommittedWhileTheElrHasAMember() {
        allInSyncAndTwoRecords();
        leader.ack(3, 7, 1, 2, 2);
        leader.tick(LAG_MS + 1);
        var removal = proposal();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        removal.proposalNumber(),
                        new IsrOutcome.Accepted(1, 2, List.of(NODE, 3), List.of(OTHER))));
        assertThat(leader.highWatermark()).isZero();

        image(3, List.of(NODE, 3));
        assertThat(leader.highWatermark()).isEqualTo(2);
    }

    @Test
    void anAnswerAppliesOnlyAboveThePartitionEpochThatIsKnown() {
        var proposal = joining();
        image(3, List.of(NODE, 3));

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(),
                        new IsrOutcome.Accepted(1, 2, List.of(NODE), List.of())));

        assertThat(leader.replica.view().isr()).containsExactly(NODE, 3);
        assertThat(leader.replica.view().partitionEpoch()).isEqualTo(3);
    }

    @Test
    void anImageThatIsOlderThanAnAnswerChangesNoMember() {
        var proposal = joining();
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Accepted(1, 2, ALL, List.of())));

        image(1, List.of(NODE, 3));

        assertThat(leader.replica.view().isr()).isEqualTo(ALL);
        assertThat(leader.replica.view().partitionEpoch()).isEqualTo(2);
    }

    @Test
    void anAnswerOfAnotherLeaderEpochDoesNotApply() {
        var proposal = joining();
        leader.image(assignment(NODE, 2, 4, ALL, List.of(NODE, 3)), config(Durability.FSYNC, 1));

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Accepted(1, 9, ALL, List.of())));

        assertThat(leader.replica.view().isr()).containsExactly(NODE, 3);
    }

    @Test
    void anImageWithAHigherPartitionEpochEndsWhatIsPending() {
        joining();
        recordWithoutTheJoiner();
        assertThat(leader.highWatermark()).isZero();

        image(2, List.of(NODE, 3));

        assertThat(leader.highWatermark()).isEqualTo(1);
    }

    @Test
    void anImageOfTheSamePartitionEpochEndsNothing() {
        joining();
        recordWithoutTheJoiner();

        image(1, List.of(NODE, 3));

        assertThat(leader.highWatermark()).isZero();
    }

    // ---- joining

    @Test
    void doesNotProposeWhoHasNotReachedTheHighWatermark() {
        image(1, List.of(NODE, 3));
        syncedFollower(3, 0);
        recordWithoutTheJoiner();
        assertThat(leader.highWatermark()).isEqualTo(1);

        syncedFollower(OTHER, 0);
        assertThat(proposals()).isEmpty();
        leader.ack(OTHER, 7, 1, 1, 1);

        assertThat(proposals()).hasSize(1);
    }

    @Test
    void doesNotProposeWhoHasNotReachedTheLeadersEpochStart() {
        var later = new ReplicaHarness(new LogState(0, 9, 9, 3, 4), ReplicaLimits.DEFAULT);
        later.image(assignment(NODE, 4, 1, ALL, List.of(NODE, 3)), config(Durability.FSYNC, 1));
        later.open(OTHER, 7, 4, 4, 3);

        later.ack(OTHER, 7, 4, 8, 8);
        assertThat(later.take(ReplicaEffect.ProposeIsr.class)).isEmpty();
        later.ack(OTHER, 7, 4, 9, 9);

        assertThat(later.take(ReplicaEffect.ProposeIsr.class)).hasSize(1);
    }

    @Test
    void theDurableEndCountsForJoiningAnFsyncTopic() {
        image(1, List.of(NODE, 3));
        syncedFollower(3, 0);
        recordWithoutTheJoiner();
        leader.open(OTHER, 7, 1, 0, -1);

        leader.ack(OTHER, 7, 1, 1, 0);
        assertThat(proposals()).isEmpty();
        leader.ack(OTHER, 7, 1, 1, 1);

        assertThat(proposals()).hasSize(1);
    }

    @Test
    void proposesNobodyThatHasAcknowledgedNothing() {
        image(1, List.of(NODE, 3));
        syncedFollower(3, 0);

        leader.open(OTHER, 7, 1, 0, -1);
        leader.tick(50);

        assertThat(proposals()).isEmpty();
    }

    @Test
    void proposesNobodyThatIsStillOnTheLaneForCatchingUp() {
        image(1, List.of(NODE, 3));
        syncedFollower(3, 0);

        leader.open(OTHER, 7, 1, Lane.CATCHING_UP, 0, -1);
        leader.ack(OTHER, 7, 1, 0, 0);
        assertThat(proposals()).isEmpty();
        leader.open(OTHER, 8, 1, Lane.IN_SYNC, 0, -1);
        leader.ack(OTHER, 8, 1, 0, 0);

        assertThat(proposals()).hasSize(1);
    }

    @Test
    void proposesNobodyWhoseLinkIsBroken() {
        leader.image(image(1, incarnation(OTHER), false), config(Durability.FSYNC, 1));
        syncedFollower(3, 0);
        syncedFollower(OTHER, 0);
        leader.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));

        leader.image(image(1, incarnation(OTHER), true), config(Durability.FSYNC, 1));

        assertThat(proposals()).isEmpty();
    }

    @Test
    void proposesNobodyWhoseNodeIsFencedUntilItIsNot() {
        leader.image(image(1, incarnation(OTHER), false), config(Durability.FSYNC, 1));
        syncedFollower(3, 0);
        syncedFollower(OTHER, 0);
        assertThat(proposals()).isEmpty();

        leader.image(image(1, incarnation(OTHER), true), config(Durability.FSYNC, 1));

        assertThat(proposals()).hasSize(1);
    }

    // ---- lagging

    private void allInSyncAndTwoRecords() {
        image(1, ALL);
        syncedFollower(OTHER, 0);
        syncedFollower(3, 0);
        leader.produce("a", plain(2), Acks.ALL);
        leader.flush();
    }

    @Test
    void removesAMemberThatHasBeenBehindForLongerThanTheLagTime() {
        allInSyncAndTwoRecords();
        leader.ack(3, 7, 1, 2, 2);

        leader.tick(LAG_MS);
        assertThat(proposals()).isEmpty();
        leader.tick(1);

        assertThat(proposal().isr()).containsExactly(member(NODE), member(3));
    }

    @Test
    void theLagIsMeasuredOnTheEndThatTheHighWatermarkUses() {
        allInSyncAndTwoRecords();
        leader.ack(3, 7, 1, 2, 2);

        leader.tick(LAG_MS / 2);
        leader.ack(OTHER, 7, 1, 2, 1);
        leader.tick(LAG_MS / 2 + 1);

        assertThat(proposal().isr()).containsExactly(member(NODE), member(3));
    }

    @Test
    void aMemberThatKeepsUpWithAGrowingLogStaysThoughItIsNeverAtTheEnd() {
        allInSyncAndTwoRecords();

        for (var i = 0; i < 40; i++) {
            leader.produce("more" + i, plain(2), Acks.LEADER);
            leader.flush();
            leader.ack(3, 7, 1, 2L * i + 2, 2L * i + 2);
            leader.ack(OTHER, 7, 1, 2L * i + 2, 2L * i + 2);
            leader.tick(LAG_MS / 2);
        }

        assertThat(proposals()).isEmpty();
    }

    @Test
    void anIdlePartitionRemovesNobodyWhenItWakes() {
        image(1, ALL);
        syncedFollower(OTHER, 0);
        syncedFollower(3, 0);

        leader.nowMs += 100 * LAG_MS;
        leader.produce("a", plain(2), Acks.ALL);
        leader.tick(1);
        assertThat(proposals()).isEmpty();
        // Nor when a follower that was caught up opens another session.
        leader.flush();
        leader.ack(3, 7, 1, 2, 2);
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.nowMs += 100 * LAG_MS;
        leader.open(OTHER, 8, 1, 2, 1);
        leader.tick(1);

        assertThat(proposals()).isEmpty();
    }

    @Test
    void aChangeOfDurabilityBeginsTheLagTimeAnew() {
        leader.image(assignment(NODE, 1, 1, ALL, ALL), config(Durability.REPLICATED, 1));
        syncedFollower(OTHER, 0);
        syncedFollower(3, 0);
        leader.produce("a", plain(2), Acks.ALL);
        leader.ack(3, 7, 1, 2, 0);
        leader.ack(OTHER, 7, 1, 2, 0);
        leader.nowMs += 100 * LAG_MS;

        leader.image(assignment(NODE, 1, 2, ALL, ALL), config(Durability.FSYNC, 1));
        leader.tick(1);

        assertThat(proposals()).isEmpty();
    }

    @Test
    void whoNeverOpensASessionIsRemovedToo() {
        image(1, ALL);
        syncedFollower(3, 0);
        assertThat(leader.replica.view().wantsTicks()).isTrue();

        leader.tick(LAG_MS + 1);

        assertThat(proposal().isr()).containsExactly(member(NODE), member(3));
    }

    @Test
    void aRemovedMemberHoldsTheHighWatermarkUntilItsRemovalIsCommitted() {
        allInSyncAndTwoRecords();
        leader.ack(3, 7, 1, 2, 2);
        leader.tick(LAG_MS + 1);
        var proposal = proposal();
        assertThat(leader.highWatermark()).isZero();

        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(),
                        new IsrOutcome.Accepted(1, 2, List.of(NODE, 3), List.of())));

        assertThat(leader.highWatermark()).isEqualTo(2);
    }

    @Test
    void aLaggingMemberIsNotProposedBackWhileItStandsStill() {
        leader.image(assignment(NODE, 1, 1, ALL, ALL), config(Durability.FSYNC, 3));
        syncedFollower(OTHER, 0);
        syncedFollower(3, 0);
        leader.produce("a", plain(2), Acks.ALL);
        leader.flush();
        leader.ack(3, 7, 1, 2, 2);
        leader.tick(LAG_MS + 1);
        var removal = proposal();

        // Below the minimum the high watermark stands still, where the lagging one has reached it.
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        removal.proposalNumber(),
                        new IsrOutcome.Accepted(1, 2, List.of(NODE, 3), List.of())));
        leader.tick(1);

        assertThat(proposals()).isEmpty();
        leader.ack(OTHER, 7, 1, 2, 2);
        assertThat(proposals()).hasSize(1);
    }
}
