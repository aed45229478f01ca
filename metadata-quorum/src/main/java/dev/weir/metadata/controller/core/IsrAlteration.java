// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.AlterPartition;
import dev.weir.metadata.controller.core.ControllerCommand.IsrMember;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.Optional;

/// Decides [AlterPartition]: a compare-and-set on leader epoch, partition epoch and incarnations
/// (KIP-903). An accepted one raises the partition epoch even if the ISR stays the same.
final class IsrAlteration {

    private IsrAlteration() {}

    static Decision decide(AlterPartition command, DecisionContext context) {
        var request =
                new LeaderRequest(
                        command.partition(),
                        command.leaderId(),
                        command.leaderIncarnation(),
                        command.leaderEpoch(),
                        command.partitionEpoch());
        var refusal = request.refusal(context);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        var state = request.state(context);
        var nodes = command.isr().stream().map(IsrMember::nodeId).toList();
        if (nodes.stream().distinct().count() != nodes.size()
                || !state.replicas().containsAll(nodes)
                || !nodes.contains(command.leaderId())) {
            return Decision.refuse(
                    Code.INELIGIBLE_REPLICA,
                    "an ISR that repeats a node, has one that is no replica, or lacks the leader");
        }
        var ineligible =
                command.isr().stream()
                        .flatMap(
                                member ->
                                        problem(member, command.partition(), state, context)
                                                .stream())
                        .findFirst();
        if (ineligible.isPresent()) {
            return Decision.refuse(Code.INELIGIBLE_REPLICA, ineligible.get());
        }
        var min = context.minInsyncReplicas(command.partition().topicId(), state);
        var next =
                Membership.asOneChangeOf(
                        state, Membership.withoutRecovering(Membership.withIsr(state, nodes, min)));
        return Decision.accept(
                List.of(
                        PartitionChanged.to(
                                command.partition().topicId(),
                                command.partition().partition(),
                                next)),
                new CommandResult.PartitionNow(next));
    }

    private static Optional<String> problem(
            IsrMember member, TopicPartition id, PartitionState state, DecisionContext context) {
        var nodeId = member.nodeId();
        var broker = context.image().brokers().broker(nodeId);
        if (!broker.map(BrokerState::incarnation).equals(Optional.of(member.incarnation()))) {
            return Optional.of("broker " + nodeId + " has another incarnation");
        }
        var joins = !state.isr().contains(nodeId);
        var cannotJoin =
                context.isGone(id, state, nodeId)
                        || broker.map(BrokerState::isShuttingDown).orElse(true);
        return joins && cannotJoin
                ? Optional.of(
                        "broker " + nodeId + " is fenced, stopping, or cannot use its replica")
                : Optional.empty();
    }
}
