// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.P0;
import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.context;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.p0;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.refused;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.ControllerCommand.AlterPartition;
import dev.weir.metadata.controller.core.ControllerCommand.ElectLeaders;
import dev.weir.metadata.controller.core.ControllerCommand.ElectionKind;
import dev.weir.metadata.controller.core.ControllerCommand.IsrMember;
import dev.weir.metadata.controller.core.ControllerCommand.ReportOfflineReplicas;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.UUID;

/// A live node that cannot use one of its replicas.
class OfflineReplicasTest {

    private static ReportOfflineReplicas report(
            int node, UUID process, long number, TopicPartition... partitions) {
        return new ReportOfflineReplicas(node, process, number, new TreeSet<>(List.of(partitions)));
    }

    /// All live; the replicas on these nodes are reported.
    private static DecisionContext offline(PartitionState state, int... nodes) {
        var context = context(withPartition(Brokers.live(3), state), 1, 2, 3);
        for (var node : nodes) {
            context.offline().put(report(node, incarnation(node), 1, P0));
        }
        return context;
    }

    private static PartitionState repaired(PartitionState state, int... nodes) {
        return LeaderElector.repaired(P0, state, offline(state, nodes)).orElse(state);
    }

    @Test
    void itsReplicaLeavesTheIsrAndLeadsNoLonger() {
        var state = partition(3, List.of(1, 2, 3), List.of());

        assertThat(repaired(state, 1).leader()).hasValue(2);
        assertThat(repaired(state, 1).isr()).containsExactly(2, 3);
        assertThat(repaired(state, 2).leader()).hasValue(1);
        assertThat(repaired(state, 2).isr()).containsExactly(1, 3);
    }

    /// All restarted; node 1 came first, and its log was refused.
    @Test
    void anEligibleMemberLeadsInsteadOfTheOnlyIsrMember() {
        var next = repaired(partition(3, List.of(1), List.of(2, 3)), 1);

        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).containsExactly(1, 3);
    }

    @Test
    void theOnlyMemberKeepsItsSeatAndLeadsWhenItIsWellAgain() {
        var alone = partition(3, List.of(1), List.of());

        var down = repaired(alone, 1);

        assertThat(down.leader()).isEmpty();
        assertThat(down.isr()).containsExactly(1);
        var context = offline(down, 1);
        assertThat(context.offline().put(report(1, incarnation(1), 2))).isTrue();
        assertThat(LeaderElector.repaired(P0, down, context).orElseThrow().leader()).hasValue(1);
    }

    @Test
    void itIsRefusedAsANewMemberAndStaysOneOnlyOfItsOtherPartitions() {
        var state = partition(3, List.of(1, 3), List.of());
        var join =
                new AlterPartition(
                        P0,
                        1,
                        incarnation(1),
                        5,
                        8,
                        List.of(
                                new IsrMember(1, incarnation(1)),
                                new IsrMember(2, incarnation(2)),
                                new IsrMember(3, incarnation(3))));
        var elsewhere = offline(state);
        elsewhere.offline().put(report(2, incarnation(2), 1, new TopicPartition(P0.topicId(), 1)));

        assertThat(refused(IsrAlteration.decide(join, offline(state, 2))))
                .isEqualTo(Code.INELIGIBLE_REPLICA);
        assertThat(accepted(IsrAlteration.decide(join, elsewhere)).records()).hasSize(1);
    }

    @Test
    void anOrderedElectionPassesItOver() {
        var none = partition(3, List.of(), List.of(), List.of(), OptionalInt.empty());
        var context = offline(none, 1);
        var order = new ElectLeaders(new TreeSet<>(List.of(P0)), ElectionKind.UNCLEAN);

        var records = accepted(OrderedElection.decide(order, context)).records();

        assertThat(p0(context.image().with(records)).leader()).hasValue(2);
    }

    @Test
    void aReportOfAnotherProcessOrAnOlderOneSaysNothing() {
        var replicas = new OfflineReplicas();

        assertThat(replicas.put(report(1, incarnation(1), 2, P0))).isTrue();
        assertThat(replicas.put(report(1, incarnation(1), 1))).isFalse();
        assertThat(replicas.put(report(1, incarnation(1), 3, P0))).isFalse();
        assertThat(replicas.contains(P0, 1, incarnation(1))).isTrue();
        assertThat(replicas.contains(P0, 1, incarnation(9))).isFalse();
        assertThat(replicas.put(report(1, incarnation(9), 1))).isTrue();
        assertThat(replicas.contains(P0, 1, incarnation(1))).isFalse();
        var stranger = report(1, incarnation(9), 1, P0);
        assertThat(
                        refused(
                                CommandDecider.decide(
                                        stranger, offline(partition(1, List.of(1), List.of())))))
                .isEqualTo(Code.STALE_INCARNATION);
    }

    /// Through the whole controller.
    @Test
    void aReportMovesTheLeadershipAtOnce() {
        var log = OneNodeLog.withBrokers(3);
        log.submit(Brokers.createTopic("orders", 1, 3));
        log.commitAll();
        var topic = log.image.topics().byId().firstKey();
        var id = new TopicPartition(topic, 0);
        var leader = log.image.topics().partition(id).orElseThrow().leader().getAsInt();

        log.submit(report(leader, incarnation(leader), 1, id));
        log.commitAll();

        var next = log.image.topics().partition(id).orElseThrow();
        assertThat(next.leader()).isPresent();
        assertThat(next.isLedBy(leader)).isFalse();
        assertThat(next.isr()).doesNotContain(leader);
    }
}
