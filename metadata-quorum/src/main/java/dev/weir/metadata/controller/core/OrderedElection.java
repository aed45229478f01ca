// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ElectLeaders;
import dev.weir.metadata.controller.core.ControllerCommand.ElectionKind;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Decides [ElectLeaders], as many as one batch takes; the caller asks again until none changes.
final class OrderedElection {

    private OrderedElection() {}

    static Decision decide(ElectLeaders command, DecisionContext context) {
        var records = new ArrayList<MetadataRecord>();
        var changed = new TreeSet<TopicPartition>();
        for (var id : command.partitions()) {
            var state = context.image().topics().partition(id);
            if (state.isEmpty()) {
                return Decision.refuse(Code.UNKNOWN_PARTITION, "there is no partition " + id);
            }
            var next = elect(command.kind(), id, state.get(), context);
            if (next.isPresent() && records.size() < Upkeep.RECORDS_MAX) {
                var change = Membership.asOneChangeOf(state.get(), next.get());
                records.add(PartitionChanged.to(id.topicId(), id.partition(), change));
                changed.add(id);
            }
        }
        return Decision.accept(records, new CommandResult.Elected(changed));
    }

    private static Optional<PartitionState> elect(
            ElectionKind kind, TopicPartition id, PartitionState state, DecisionContext context) {
        return switch (kind) {
            case PREFERRED -> preferred(id, state, context);
            case UNCLEAN -> unclean(id, state, context);
        };
    }

    /// The state in which the first replica leads; empty if it does, or cannot.
    static Optional<PartitionState> preferred(
            TopicPartition id, PartitionState state, DecisionContext context) {
        var preferred = state.replicas().getFirst();
        var canLead =
                !state.isLedBy(preferred)
                        && state.isr().contains(preferred)
                        && context.isLive(id, state, preferred)
                        && context.isFit(preferred);
        return canLead
                ? Optional.of(Membership.withLeader(state, OptionalInt.of(preferred)))
                : Optional.empty();
    }

    /// Members that recover first: they once had everything that was committed.
    private static Optional<PartitionState> unclean(
            TopicPartition id, PartitionState state, DecisionContext context) {
        if (state.leader().isPresent()) {
            return Optional.empty();
        }
        var candidates = new ArrayList<>(state.recovering());
        candidates.addAll(state.replicas());
        return candidates.stream()
                .filter(node -> context.isLive(id, state, node))
                .findFirst()
                .map(node -> Membership.ledByLongest(state, node));
    }
}
