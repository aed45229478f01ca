// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Brings one partition in line with who is live: who leads, and who must leave the ISR (ADR 0011).
///
/// 1. Fenced members leave the ISR only while a member with a live stream stays in it; members that
///    announced their stop leave it while it keeps min.insync.replicas without them.
/// 2. A leader that is gone is followed by a live ISR member.
/// 3. Without one, a live ELR member leads, becomes the ISR, and the old ISR goes to the ELR,
///    unless the minimum is 1.
/// 4. Without that either, both stay as they are; the first member to return leads.
/// 5. When ISR and ELR are both empty, the longest log of those that an unclean restart dropped
///    leads, once all of them are live.
final class LeaderElector {

    private LeaderElector() {}

    /// The state that the partition should have.
    ///
    /// @return empty if it has it
    static Optional<PartitionState> repaired(
            TopicPartition id, PartitionState partition, DecisionContext context) {
        var next = settle(id, partition, context);
        var isSame =
                next.leader().equals(partition.leader())
                        && next.leaderEpoch() == partition.leaderEpoch()
                        && next.isr().equals(partition.isr())
                        && next.elr().equals(partition.elr())
                        && next.recovering().equals(partition.recovering());
        return isSame ? Optional.empty() : Optional.of(Membership.asOneChangeOf(partition, next));
    }

    /// As [#repaired], but without counting epochs as one change.
    static PartitionState settle(
            TopicPartition id, PartitionState partition, DecisionContext context) {
        var liveIsr = live(id, partition, partition.isr(), context);
        if (!liveIsr.isEmpty()) {
            var min = context.minInsyncReplicas(id.topicId(), partition);
            var next = withoutNeedlessElr(withoutGone(id, partition, context, min), min);
            return withLiveLeader(id, partition, next, liveIsr, context);
        }
        if (hasPresentLeader(id, partition, context)) {
            return partition;
        }
        var liveElr = live(id, partition, partition.elr(), context);
        if (!liveElr.isEmpty()) {
            var min = context.minInsyncReplicas(id.topicId(), partition);
            return Membership.ledByEligible(
                    withoutFailed(partition, context), fittest(liveElr, context), min);
        }
        if (partition.isr().isEmpty() && partition.elr().isEmpty()) {
            var longest = longest(id, partition, context);
            if (longest.isPresent()) {
                return Membership.ledByLongest(partition, longest.getAsInt());
            }
        }
        return partition.leader().isPresent()
                ? Membership.withLeader(partition, OptionalInt.empty())
                : partition;
    }

    /// Takes those whose directory failed from ISR and ELR, because what they will hold when it is
    /// restored is not certain. Only where another member leads: it may be the last hope.
    private static PartitionState withoutFailed(PartitionState partition, DecisionContext context) {
        var next = partition;
        for (var node : partition.replicas()) {
            if (context.hasFailedDirectory(partition, node)) {
                next = Membership.without(next, node);
            }
        }
        return next;
    }

    /// An ISR that is large enough needs no ELR, and a leader commits nothing while there is one.
    private static PartitionState withoutNeedlessElr(
            PartitionState partition, int minInsyncReplicas) {
        return partition.elr().isEmpty() || partition.isr().size() < minInsyncReplicas
                ? partition
                : Membership.withoutElr(partition);
    }

    /// Takes the gone members from the ISR.
    private static PartitionState withoutGone(
            TopicPartition id,
            PartitionState partition,
            DecisionContext context,
            int minInsyncReplicas) {
        var next = withoutFailed(partition, context);
        var present =
                next.isr().stream().filter(node -> !context.isGone(id, partition, node)).toList();
        var staying = withoutStopping(id, present, partition, context, minInsyncReplicas);
        return staying.equals(partition.isr())
                ? next
                : Membership.withIsr(next, staying, minInsyncReplicas);
    }

    /// Members about to stop leave while enough others stay: otherwise every produce would wait for
    /// a process that has ended until its session is over.
    private static List<Integer> withoutStopping(
            TopicPartition id,
            List<Integer> members,
            PartitionState partition,
            DecisionContext context,
            int min) {
        var rest = members.stream().filter(node -> !context.isStopping(node)).toList();
        var someoneLeads =
                rest.stream().anyMatch(n -> context.isLive(id, partition, n) && context.isFit(n));
        return rest.size() >= min && someoneLeads ? rest : members;
    }

    private static PartitionState withLiveLeader(
            TopicPartition id,
            PartitionState before,
            PartitionState next,
            List<Integer> liveIsr,
            DecisionContext context) {
        if (next.leader().isEmpty()) {
            return Membership.withLeader(next, OptionalInt.of(fittest(liveIsr, context)));
        }
        var leader = next.leader().getAsInt();
        if (context.isFit(leader) || !context.isLive(id, before, leader)) {
            return next;
        }
        // A stuck or stopping leader hands over only to a member that is neither.
        return liveIsr.stream()
                .filter(context::isFit)
                .findFirst()
                .map(node -> Membership.withLeader(next, OptionalInt.of(node)))
                .orElse(next);
    }

    /// A leader whose stream is merely down is judged when its session ends, not before.
    private static boolean hasPresentLeader(
            TopicPartition id, PartitionState partition, DecisionContext context) {
        return partition.leader().isPresent()
                && !context.isGone(id, partition, partition.leader().getAsInt());
    }

    private static List<Integer> live(
            TopicPartition id,
            PartitionState partition,
            List<Integer> nodes,
            DecisionContext context) {
        return nodes.stream().filter(node -> context.isLive(id, partition, node)).toList();
    }

    /// The first that is fit, in the order of the replicas; the first at all if none is.
    private static int fittest(List<Integer> live, DecisionContext context) {
        return live.stream().filter(context::isFit).findFirst().orElse(live.getFirst());
    }

    private static OptionalInt longest(
            TopicPartition id, PartitionState partition, DecisionContext context) {
        var members = partition.recovering();
        if (members.isEmpty()
                || !members.stream().allMatch(n -> context.isLive(id, partition, n))) {
            return OptionalInt.empty();
        }
        if (members.size() == 1) {
            return OptionalInt.of(members.getFirst());
        }
        record Candidate(int node, ControllerCommand.LogEnd end) {}
        var candidates =
                members.stream()
                        .flatMap(n -> end(id, n, context).map(e -> new Candidate(n, e)).stream())
                        .toList();
        if (candidates.size() < members.size()) {
            return OptionalInt.empty();
        }
        var longest =
                candidates.stream()
                        .max(
                                Comparator.comparingInt((Candidate c) -> c.end().lastEpoch())
                                        .thenComparingLong(c -> c.end().endOffset())
                                        .thenComparingInt(c -> -members.indexOf(c.node())));
        return OptionalInt.of(longest.orElseThrow().node());
    }

    private static Optional<ControllerCommand.LogEnd> end(
            TopicPartition id, int node, DecisionContext context) {
        return context.image()
                .brokers()
                .broker(node)
                .flatMap(broker -> context.logEnds().of(id, node, broker.incarnation()));
    }
}
