// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.P0;
import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.p0;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.refused;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.CommandResult.PartitionNow;
import dev.weir.metadata.controller.core.ControllerCommand.AlterPartition;
import dev.weir.metadata.controller.core.ControllerCommand.ConfirmFsync;
import dev.weir.metadata.controller.core.ControllerCommand.IsrMember;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.UUID;

class IsrAlterationTest {

    private static final ClusterImage IMAGE =
            withPartition(Brokers.live(3), partition(3, List.of(1, 2), List.of()));

    @Test
    void aMemberJoins() {
        var next = after(IMAGE, propose(5, 8, member(1), member(2), member(3)));

        assertThat(next.isr()).containsExactly(1, 2, 3);
        assertThat(next.partitionEpoch()).isEqualTo(9);
        assertThat(next.leaderEpoch()).isEqualTo(5);
    }

    @Test
    void aMemberThatLeavesBelowTheMinimumBecomesEligibleUntilTheMinimumIsMetAgain() {
        // Given
        var shrunk = after(IMAGE, propose(5, 8, member(1)));

        // When
        var image = withPartition(Brokers.live(3), shrunk);
        var grown = after(image, propose(5, 9, member(1), member(3)));

        // Then
        assertThat(shrunk.isr()).containsExactly(1);
        assertThat(shrunk.elr()).containsExactly(2);
        assertThat(grown.isr()).containsExactly(1, 3);
        assertThat(grown.elr()).isEmpty();
    }

    @Test
    void anAcceptedOneRaisesThePartitionEpochEvenIfNothingChangesAndEndsRecovery() {
        // Given
        var image =
                withPartition(
                        Brokers.live(3),
                        partition(3, List.of(1), List.of(), List.of(2), OptionalInt.of(1)));

        // When
        var next = after(image, propose(5, 8, member(1)));

        // Then
        assertThat(next.partitionEpoch()).isEqualTo(9);
        assertThat(next.recovering()).isEmpty();
    }

    @Test
    void refusesWhatRestsOnSomethingThatIsNoLongerSo() {
        assertThat(code(IMAGE, propose(4, 8, member(1)))).isEqualTo(Code.FENCED_LEADER_EPOCH);
        assertThat(code(IMAGE, propose(6, 8, member(1)))).isEqualTo(Code.FENCED_LEADER_EPOCH);
        assertThat(code(IMAGE, propose(5, 7, member(1)))).isEqualTo(Code.STALE_PARTITION_EPOCH);
        assertThat(code(IMAGE, propose(5, 9, member(1)))).isEqualTo(Code.STALE_PARTITION_EPOCH);
        assertThat(code(IMAGE, by(2, incarnation(2), P0))).isEqualTo(Code.FENCED_LEADER_EPOCH);
        assertThat(code(IMAGE, by(1, new UUID(0, 0), P0))).isEqualTo(Code.STALE_INCARNATION);
        assertThat(code(IMAGE, by(9, incarnation(9), P0))).isEqualTo(Code.UNKNOWN_BROKER);
        assertThat(code(IMAGE, by(1, incarnation(1), new TopicPartition(P0.topicId(), 1))))
                .isEqualTo(Code.UNKNOWN_PARTITION);
        assertThat(code(IMAGE, by(1, incarnation(1), new TopicPartition(new UUID(0, 0), 0))))
                .isEqualTo(Code.UNKNOWN_TOPIC_ID);
    }

    @Test
    void refusesMembersThatMayNotJoin() {
        // Given
        var fenced = IMAGE.with(List.of(new BrokerFenced(3, 3)));
        var stopping = IMAGE.with(List.of(new BrokerShutdownStarted(3, 3)));
        var all = propose(5, 8, member(1), member(2), member(3));
        var staleMember = propose(5, 8, member(1), new IsrMember(3, new UUID(0, 0)));

        // When, Then
        assertThat(code(fenced, all)).isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(stopping, all)).isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(IMAGE, staleMember)).isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(IMAGE, propose(5, 8, member(2)))).isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(IMAGE, propose(5, 8, member(1), member(1))))
                .isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(IMAGE, propose(5, 8, member(1), member(4))))
                .isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(code(IMAGE, propose(5, 8))).isEqualTo(Code.INELIGIBLE_REPLICA);
    }

    @Test
    void aMemberThatIsInTheIsrMayStayWhileItIsFenced() {
        var fenced = IMAGE.with(List.of(new BrokerFenced(2, 2)));

        assertThat(after(fenced, propose(5, 8, member(1), member(2))).isr()).containsExactly(1, 2);
    }

    @Test
    void aReportOfDurableEndsMustCoverIsrAndElr() {
        // Given
        var unproven = Membership.withFsyncUnproven(partition(3, List.of(1), List.of(2)), true);
        var image = withPartition(Brokers.live(3), unproven);

        // When, Then
        assertThat(refused(FsyncConfirmation.decide(confirm(8, 1), allLive(image))))
                .isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(refused(FsyncConfirmation.decide(confirm(7, 1, 2), allLive(image))))
                .isEqualTo(Code.STALE_PARTITION_EPOCH);
        var accepted = accepted(FsyncConfirmation.decide(confirm(8, 1, 2), allLive(image)));
        assertThat(p0(image.with(accepted.records())).fsyncUnproven()).isFalse();
        assertThat(
                        accepted(FsyncConfirmation.decide(confirm(8, 1), allLive(IMAGE_PROVEN)))
                                .records())
                .isEmpty();
    }

    private static final ClusterImage IMAGE_PROVEN =
            withPartition(Brokers.live(3), partition(3, List.of(1), List.of()));

    private static ConfirmFsync confirm(int partitionEpoch, Integer... covered) {
        return new ConfirmFsync(
                P0, 1, incarnation(1), 5, partitionEpoch, new TreeSet<>(List.of(covered)));
    }

    private static IsrMember member(int nodeId) {
        return new IsrMember(nodeId, incarnation(nodeId));
    }

    private static AlterPartition propose(int leaderEpoch, int partitionEpoch, IsrMember... isr) {
        return new AlterPartition(P0, 1, incarnation(1), leaderEpoch, partitionEpoch, List.of(isr));
    }

    private static AlterPartition by(int leader, UUID incarnation, TopicPartition partition) {
        return new AlterPartition(partition, leader, incarnation, 5, 8, List.of(member(leader)));
    }

    private static Code code(ClusterImage image, AlterPartition command) {
        return refused(IsrAlteration.decide(command, allLive(image)));
    }

    private static PartitionState after(ClusterImage image, AlterPartition command) {
        var decision = accepted(IsrAlteration.decide(command, allLive(image)));
        var next = p0(image.with(decision.records()));
        assertThat(decision.result()).isEqualTo(new PartitionNow(next));
        return next;
    }
}
