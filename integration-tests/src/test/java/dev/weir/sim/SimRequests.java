// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.ReplicaRequests;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.log.PartitionId;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.TopicPartition;

import java.time.Duration;

/// What leaders ask the controller for, through the gateway.
final class SimRequests implements ReplicaRequests {

    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Simulation simulation;
    private final SimNode node;
    private final SimGateway gateway;

    SimRequests(Simulation simulation, SimNode node, SimGateway gateway) {
        this.simulation = simulation;
        this.node = node;
        this.gateway = gateway;
    }

    @Override
    public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
        var command =
                new ControllerCommand.AlterPartition(
                        new TopicPartition(partition.topicId(), partition.partition()),
                        node.id(),
                        node.incarnation(),
                        proposal.leaderEpoch(),
                        proposal.partitionEpoch(),
                        proposal.isr().stream()
                                .map(
                                        member ->
                                                new ControllerCommand.IsrMember(
                                                        member.nodeId(), member.incarnation()))
                                .toList());
        if (simulation.engine().isTracing()) {
            simulation.engine().trace(node.id() + " asks " + command);
        }
        gateway.submit(command, PATIENCE)
                .thenAccept(outcome -> answered(partition, proposal, outcome));
    }

    private void answered(
            PartitionId partition, ReplicaEffect.ProposeIsr proposal, GatewayOutcome outcome) {
        var broker = node.broker();
        if (broker == null) {
            return;
        }
        var answer = isrOutcome(proposal, outcome);
        if (simulation.engine().isTracing()) {
            simulation.engine().trace(node.id() + " hears " + outcome);
        }
        broker.storage()
                .local(partition)
                .ifPresent(
                        local -> {
                            local.isrAnswered(proposal.proposalNumber(), answer);
                            if (simulation.net().isFaulty() && simulation.engine().chance(50)) {
                                local.isrAnswered(proposal.proposalNumber(), answer);
                            }
                        });
    }

    private static IsrOutcome isrOutcome(
            ReplicaEffect.ProposeIsr proposal, GatewayOutcome outcome) {
        return switch (outcome) {
            case GatewayOutcome.Committed(CommandResult.PartitionNow(var state), _) ->
                    new IsrOutcome.Accepted(
                            state.leaderEpoch(), state.partitionEpoch(), state.isr());
            case GatewayOutcome.Refused(var refusal, _) when refusal.code() != Refusal.Code.BUSY ->
                    new IsrOutcome.Refused(
                            refusal.code() == Refusal.Code.INELIGIBLE_REPLICA,
                            proposal.partitionEpoch());
            case GatewayOutcome.Committed _,
                    GatewayOutcome.Refused _,
                    GatewayOutcome.NotController _,
                    GatewayOutcome.Unknown _ ->
                    new IsrOutcome.Unknown();
        };
    }

    @Override
    public void confirmFsync(PartitionId partition, ReplicaEffect.ConfirmFsync confirmation) {
        gateway.submit(
                new ControllerCommand.ConfirmFsync(
                        new TopicPartition(partition.topicId(), partition.partition()),
                        node.id(),
                        node.incarnation(),
                        confirmation.leaderEpoch(),
                        confirmation.partitionEpoch(),
                        confirmation.covered()),
                PATIENCE);
    }
}
