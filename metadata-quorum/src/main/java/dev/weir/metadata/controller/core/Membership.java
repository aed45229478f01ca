// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.PartitionState;

import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;

/// The next state of one partition: how ISR, ELR and leader move together.
///
/// The methods may be chained: a change of leader raises the leader epoch, none raises the
/// partition epoch. [#asOneChangeOf] then counts them as one change, and alone raises the partition
/// epoch.
final class Membership {

    private Membership() {}

    /// The ISR becomes `isr`. While it is below `minInsyncReplicas`, those who left it enter the
    /// ELR; reaching the minimum clears the ELR (KIP-966). Members of the new ISR recover no more.
    static PartitionState withIsr(
            PartitionState before, Collection<Integer> isr, int minInsyncReplicas) {
        var newIsr = ordered(before, isr);
        List<Integer> elr =
                newIsr.size() >= minInsyncReplicas
                        ? List.of()
                        : before.replicas().stream()
                                .filter(
                                        node ->
                                                before.isr().contains(node)
                                                        || before.elr().contains(node))
                                .filter(node -> !newIsr.contains(node))
                                .toList();
        var recovering =
                before.recovering().stream().filter(node -> !newIsr.contains(node)).toList();
        return members(before, newIsr, elr, recovering);
    }

    /// A node leaves ISR and ELR without entering anything.
    static PartitionState without(PartitionState before, int nodeId) {
        return members(
                before,
                minus(before.isr(), nodeId),
                minus(before.elr(), nodeId),
                minus(before.recovering(), nodeId));
    }

    /// A node that was in ISR or ELR leaves them, but is remembered for a recovery election.
    static PartitionState recovering(PartitionState before, int nodeId) {
        var recovering =
                before.replicas().stream()
                        .filter(node -> node == nodeId || before.recovering().contains(node))
                        .toList();
        return members(
                before, minus(before.isr(), nodeId), minus(before.elr(), nodeId), recovering);
    }

    /// `nodeId` alone is the ISR and leads; the old ISR joins the ELR, unless one replica is enough
    /// to commit without them.
    static PartitionState ledByEligible(PartitionState before, int nodeId, int minInsyncReplicas) {
        List<Integer> elr =
                minInsyncReplicas <= 1
                        ? List.of()
                        : before.replicas().stream()
                                .filter(node -> node != nodeId)
                                .filter(
                                        node ->
                                                before.isr().contains(node)
                                                        || before.elr().contains(node))
                                .toList();
        var next = members(withoutLeader(before), List.of(nodeId), elr, before.recovering());
        return withLeader(next, OptionalInt.of(nodeId));
    }

    /// `nodeId` alone is the ISR and leads; nobody else is remembered.
    static PartitionState ledByLongest(PartitionState before, int nodeId) {
        var next = members(withoutLeader(before), List.of(nodeId), List.of(), List.of());
        return withLeader(next, OptionalInt.of(nodeId));
    }

    /// Another leader, or none, in a new leader epoch.
    static PartitionState withLeader(PartitionState before, OptionalInt leader) {
        return new PartitionState(
                before.replicas(),
                before.directories(),
                before.isr(),
                before.elr(),
                before.recovering(),
                leader,
                before.leaderEpoch() + 1,
                before.partitionEpoch(),
                before.fsyncUnproven());
    }

    /// The ELR is forgotten; ISR, leader and recovering members stay.
    static PartitionState withoutElr(PartitionState before) {
        return members(before, before.isr(), List.of(), before.recovering());
    }

    /// Nobody is waited for any more.
    static PartitionState withoutRecovering(PartitionState before) {
        return members(before, before.isr(), before.elr(), List.of());
    }

    /// Whether members count by their durable ends only once a leader has proven those.
    static PartitionState withFsyncUnproven(PartitionState before, boolean fsyncUnproven) {
        return new PartitionState(
                before.replicas(),
                before.directories(),
                before.isr(),
                before.elr(),
                before.recovering(),
                before.leader(),
                before.leaderEpoch(),
                before.partitionEpoch(),
                fsyncUnproven);
    }

    /// `after` as the one change that follows `before`: partition epoch one above, leader epoch at
    /// most one above.
    static PartitionState asOneChangeOf(PartitionState before, PartitionState after) {
        return new PartitionState(
                after.replicas(),
                after.directories(),
                after.isr(),
                after.elr(),
                after.recovering(),
                after.leader(),
                Math.min(after.leaderEpoch(), before.leaderEpoch() + 1),
                before.partitionEpoch() + 1,
                after.fsyncUnproven());
    }

    /// `nodes` in the order of the replicas.
    static List<Integer> ordered(PartitionState partition, Collection<Integer> nodes) {
        return partition.replicas().stream().filter(nodes::contains).toList();
    }

    /// Replicas do not move while leadership does: the leader leaves before its ISR seat does.
    private static PartitionState withoutLeader(PartitionState before) {
        return new PartitionState(
                before.replicas(),
                before.directories(),
                before.isr(),
                before.elr(),
                before.recovering(),
                OptionalInt.empty(),
                before.leaderEpoch(),
                before.partitionEpoch(),
                before.fsyncUnproven());
    }

    /// A leader that is not in the new ISR is dropped with its seat; the caller elects another.
    private static PartitionState members(
            PartitionState before, List<Integer> isr, List<Integer> elr, List<Integer> recovering) {
        var leads = before.leader().isPresent() && isr.contains(before.leader().getAsInt());
        return new PartitionState(
                before.replicas(),
                before.directories(),
                isr,
                elr,
                recovering,
                leads ? before.leader() : OptionalInt.empty(),
                before.leaderEpoch(),
                before.partitionEpoch(),
                before.fsyncUnproven());
    }

    private static List<Integer> minus(List<Integer> nodes, int nodeId) {
        return nodes.stream().filter(node -> node != nodeId).toList();
    }
}
