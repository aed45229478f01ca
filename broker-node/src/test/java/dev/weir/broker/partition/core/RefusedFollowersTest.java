// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.directory;
import static dev.weir.broker.partition.core.ReplicaHarness.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// When a leader proposes a follower again that the controller did not take.
class RefusedFollowersTest {

    private static final int THIRD = 3;

    private final ReplicaHarness leader = new ReplicaHarness();

    /// Images as the controller makes them.
    private int partitionEpoch = 1;

    private void image(List<Integer> isr, boolean isOtherEligible) {
        var replicas = new ArrayList<AssignedReplica>();
        for (var node : List.of(NODE, OTHER, THIRD)) {
            replicas.add(
                    new AssignedReplica(
                            node,
                            incarnation(node),
                            directory(node),
                            node != OTHER || isOtherEligible));
        }
        leader.image(
                new Assignment(NODE, 1, partitionEpoch, replicas, isr, List.of(), false),
                config(Durability.FSYNC, 1));
    }

    private void synced(int node, long session) {
        leader.open(node, session, 1, 0, -1);
        leader.ack(node, session, 1, 0, 0);
    }

    private List<List<Integer>> proposed() {
        return proposals().stream()
                .map(one -> one.isr().stream().map(IsrMember::nodeId).toList())
                .toList();
    }

    private List<ReplicaEffect.ProposeIsr> proposals() {
        return leader.take(ReplicaEffect.ProposeIsr.class);
    }

    /// The one proposal that is made is refused, and so is all that it asked for over.
    ///
    /// @return whom it named
    private List<Integer> refuse(List<Integer> isr) {
        var proposal = proposals().getLast();
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        proposal.proposalNumber(), new IsrOutcome.Refused(true, partitionEpoch)));
        leader.tick(IsrProposals.RETRY_MS);
        var committed = proposals().getLast();
        assertThat(committed.isr()).extracting(IsrMember::nodeId).containsExactlyElementsOf(isr);
        partitionEpoch++;
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        committed.proposalNumber(),
                        new IsrOutcome.Accepted(1, partitionEpoch, isr, List.of())));
        return proposal.isr().stream().map(IsrMember::nodeId).toList();
    }

    private void refusedOnce() {
        image(List.of(NODE, THIRD), true);
        synced(THIRD, 7);
        synced(OTHER, 7);
        assertThat(refuse(List.of(NODE, THIRD))).containsExactly(NODE, OTHER, THIRD);
    }

    @Test
    void anIdlePartitionDoesNotProposeARefusedFollowerAgain() {
        refusedOnce();

        for (int i = 0; i < 20; i++) {
            image(List.of(NODE, THIRD), true);
            leader.tick(IsrProposals.RETRY_MS);
        }

        assertThat(proposed()).isEmpty();
    }

    @Test
    void anotherSessionIsProposed() {
        refusedOnce();

        synced(OTHER, 8);

        assertThat(proposed()).containsExactly(List.of(NODE, OTHER, THIRD));
    }

    @Test
    void aFollowerOfWhichAnImageSaysSomethingElseIsProposed() {
        refusedOnce();

        image(List.of(NODE, THIRD), false);
        assertThat(proposed()).isEmpty();
        image(List.of(NODE, THIRD), true);

        assertThat(proposed()).containsExactly(List.of(NODE, OTHER, THIRD));
    }

    @Test
    void anImageThatCameBeforeTheRefusalLeavesTheFollowerFree() {
        image(List.of(NODE, THIRD), true);
        synced(OTHER, 7);

        image(List.of(NODE, THIRD), false);
        image(List.of(NODE, THIRD), true);
        refuse(List.of(NODE, THIRD));

        assertThat(proposed()).containsExactly(List.of(NODE, OTHER, THIRD));
    }

    @Test
    void aRefusedFollowerIsTriedAgainAfterAWhile() {
        refusedOnce();
        assertThat(leader.replica.view().wantsTicks()).isTrue();

        leader.tick(RefusedFollowers.RETRY_MS);

        assertThat(proposed()).containsExactly(List.of(NODE, OTHER, THIRD));
    }

    @Test
    void whoWasRefusedTogetherIsProposedOneByOne() {
        image(List.of(NODE), true);
        leader.step(new ReplicaEvent.LinkBroken(OTHER, Lane.IN_SYNC));
        image(List.of(NODE), false);
        synced(OTHER, 7);
        leader.open(THIRD, 7, 1, Lane.IN_SYNC, 0, -1);
        image(List.of(NODE), true);
        // The first that may join is proposed at once, the other with the next proposal.
        partitionEpoch++;
        proposals();
        leader.ack(THIRD, 7, 1, 0, 0);
        image(List.of(NODE), true);

        assertThat(refuse(List.of(NODE))).containsExactly(NODE, OTHER, THIRD);
        assertThat(refuse(List.of(NODE))).containsExactly(NODE, OTHER);

        assertThat(proposed()).containsExactly(List.of(NODE, THIRD));
    }
}
