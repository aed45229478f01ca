// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/// A topic changes from `replicated` to `fsync`: when its leader may say that all members have it.
class FsyncProofTest {

    private static final List<Integer> ALL = List.of(NODE, OTHER, 3);

    private final ReplicaHarness leader = new ReplicaHarness();

    /// The other is in the ISR, node 3 in the ELR.
    private static Assignment state(int leaderEpoch, int partitionEpoch, boolean unproven) {
        return new Assignment(
                NODE,
                leaderEpoch,
                partitionEpoch,
                assignment(NODE, 1, 1, ALL, ALL).replicas(),
                List.of(NODE, OTHER),
                List.of(3),
                unproven);
    }

    @BeforeEach
    void twoRecordsAndThenTheChange() {
        leader.image(state(1, 1, false), config(Durability.REPLICATED, 1));
        leader.produce("a", plain(2), Acks.LEADER);
        leader.open(OTHER, 7, 1, 0, -1);
        leader.open(3, 7, 1, Lane.CATCHING_UP, 0, -1);
        leader.ack(OTHER, 7, 1, 2, 0);
        leader.ack(3, 7, 1, 2, 0);
        leader.image(state(1, 2, true), config(Durability.FSYNC, 1));
    }

    private List<ReplicaEffect.ConfirmFsync> reports() {
        return leader.take(ReplicaEffect.ConfirmFsync.class);
    }

    @Test
    void reportsWhenEveryMemberOfIsrAndElrHasFlushedWhatTheLeaderHadAtTheChange() {
        leader.tick(1);
        assertThat(reports()).isEmpty();
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.tick(1);
        assertThat(reports()).as("without the ELR").isEmpty();

        leader.ack(3, 7, 1, 2, 2);
        leader.tick(1);

        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.leaderEpoch()).isEqualTo(1))
                .satisfies(report -> assertThat(report.partitionEpoch()).isEqualTo(2))
                .satisfies(report -> assertThat(report.covered()).containsExactly(1, 2, 3));
    }

    @Test
    void waitsForTheLeadersOwnFlushToo() {
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.ack(3, 7, 1, 2, 2);

        leader.tick(1);
        assertThat(reports()).isEmpty();
        leader.flush();
        leader.tick(1);

        assertThat(reports()).hasSize(1);
    }

    @Test
    void whatCameAfterTheChangeNeedsNoProof() {
        leader.produce("b", plain(1), Acks.LEADER);
        leader.step(new ReplicaEvent.FlushDone(2));
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.ack(3, 7, 1, 2, 2);

        leader.tick(1);

        assertThat(reports()).hasSize(1);
    }

    @Test
    void aLaterPartitionEpochDemandsWhatTheLogHoldsThen() {
        leader.produce("b", plain(1), Acks.LEADER);
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.ack(3, 7, 1, 2, 2);
        leader.image(state(1, 4, true), config(Durability.FSYNC, 1));

        leader.tick(1);
        assertThat(reports()).isEmpty();
        leader.ack(OTHER, 7, 1, 3, 3);
        leader.ack(3, 7, 1, 3, 3);
        leader.tick(1);

        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.partitionEpoch()).isEqualTo(4));
    }

    @Test
    void aLeaderElectedAfterTheChangeDemandsItsOwnLogEnd() {
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.ack(3, 7, 1, 2, 2);
        leader.image(state(2, 3, true), config(Durability.FSYNC, 1));

        leader.tick(1);
        assertThat(reports()).as("no end is known in the new epoch").isEmpty();
        leader.open(OTHER, 8, 2, 2, 1);
        leader.open(3, 8, 2, 2, 1);
        leader.ack(OTHER, 8, 2, 2, 2);
        leader.ack(3, 8, 2, 2, 2);
        leader.tick(1);

        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.leaderEpoch()).isEqualTo(2));
    }

    @Test
    void repeatsTheReportUntilAnImageShowsIt() {
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.ack(3, 7, 1, 2, 2);
        leader.tick(1);
        assertThat(reports()).hasSize(1);
        assertThat(leader.replica.view().wantsTicks()).isTrue();
        leader.tick(1);
        assertThat(reports()).isEmpty();
        leader.tick(FsyncProof.REPEAT_MS);
        assertThat(reports()).hasSize(1);

        leader.image(state(1, 3, false), config(Durability.FSYNC, 1));
        leader.tick(FsyncProof.REPEAT_MS);

        assertThat(reports()).isEmpty();
    }

    @Test
    void anImageThatFollowsAnAnswerTellsOfTheElr() {
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.step(
                new ReplicaEvent.IsrAnswered(
                        1, new IsrOutcome.Accepted(1, 3, List.of(NODE, OTHER), List.of())));
        leader.image(
                new Assignment(
                        NODE,
                        1,
                        3,
                        assignment(NODE, 1, 1, ALL, ALL).replicas(),
                        List.of(NODE, OTHER),
                        List.of(),
                        true),
                config(Durability.FSYNC, 1));

        leader.tick(1);

        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.partitionEpoch()).isEqualTo(3))
                .satisfies(report -> assertThat(report.covered()).containsExactly(1, 2));
    }

    @Test
    void aPendingMemberIsCoveredToo() {
        leader.flush();
        leader.ack(OTHER, 7, 1, 2, 2);
        leader.image(
                new Assignment(
                        NODE,
                        1,
                        3,
                        assignment(NODE, 1, 1, ALL, ALL).replicas(),
                        List.of(NODE, OTHER),
                        List.of(),
                        true),
                config(Durability.FSYNC, 1));
        leader.open(3, 8, 1, 2, 1);
        leader.ack(3, 8, 1, 2, 2);
        assertThat(leader.take(ReplicaEffect.ProposeIsr.class)).hasSize(1);

        leader.tick(1);

        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.covered()).containsExactly(1, 2, 3));
    }
}
