// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.broker.lifecycle.core.LifecycleEvent.FsyncCovered;
import dev.weir.broker.lifecycle.core.LifecycleEvent.IsrProposed;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.TopicPartition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;

/// What this broker's leaders ask of the controller, a bounded number at a time. A leader repeats
/// what got no answer, with the same content, so nothing is repeated here.
///
/// **Bound:** [LifecycleSettings#requestsMax] on their way; of those that wait, one proposal and
/// one confirmation a partition, the newest.
final class PartitionRequests {

    private final int nodeId;
    private final UUID incarnation;
    private final int requestsMax;
    private final LinkedHashMap<TopicPartition, IsrProposed> proposals = new LinkedHashMap<>();
    private final LinkedHashMap<TopicPartition, FsyncCovered> confirmations = new LinkedHashMap<>();
    private int underWay;

    PartitionRequests(int nodeId, UUID incarnation, int requestsMax) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.requestsMax = requestsMax;
    }

    void proposed(IsrProposed proposal) {
        proposals.put(proposal.partition(), proposal);
    }

    void covered(FsyncCovered confirmation) {
        confirmations.put(confirmation.partition(), confirmation);
    }

    /// One of those on their way ended.
    void ended() {
        underWay--;
    }

    /// Sends what there is room for, the oldest first. Proposals go before confirmations: produces
    /// may wait for them.
    void dispatch(Calls calls, long nowMs, List<LifecycleEffect> effects) {
        while (underWay < requestsMax && !proposals.isEmpty()) {
            var proposal = proposals.pollFirstEntry().getValue();
            underWay++;
            var purpose = new Calls.Purpose.Proposal(proposal);
            effects.add(calls.ask(command(proposal), purpose, nowMs));
        }
        while (underWay < requestsMax && !confirmations.isEmpty()) {
            var confirmation = confirmations.pollFirstEntry().getValue();
            underWay++;
            effects.add(calls.ask(command(confirmation), new Calls.Purpose.Confirmation(), nowMs));
        }
    }

    private ControllerCommand command(IsrProposed proposed) {
        var proposal = proposed.proposal();
        return new ControllerCommand.AlterPartition(
                proposed.partition(),
                nodeId,
                incarnation,
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.isr().stream()
                        .map(m -> new ControllerCommand.IsrMember(m.nodeId(), m.incarnation()))
                        .toList());
    }

    private ControllerCommand command(FsyncCovered covered) {
        var confirmation = covered.confirmation();
        return new ControllerCommand.ConfirmFsync(
                covered.partition(),
                nodeId,
                incarnation,
                confirmation.leaderEpoch(),
                confirmation.partitionEpoch(),
                confirmation.covered());
    }

    /// What a leader is told of its proposal.
    static LifecycleEffect answer(IsrProposed proposed, CommandOutcome outcome) {
        var proposal = proposed.proposal();
        return new LifecycleEffect.AnswerIsr(
                proposed.partition(),
                proposal.proposalNumber(),
                answer(outcome, proposal.partitionEpoch()));
    }

    private static IsrOutcome answer(CommandOutcome outcome, int partitionEpoch) {
        return switch (outcome) {
            case CommandOutcome.Committed(CommandResult.PartitionNow(var state), _) ->
                    new IsrOutcome.Accepted(
                            state.leaderEpoch(), state.partitionEpoch(), state.isr(), state.elr());
            case CommandOutcome.Refused(var refusal, _) ->
                    refusal.code() == Refusal.Code.BUSY
                            ? new IsrOutcome.Unknown()
                            : new IsrOutcome.Refused(
                                    refusal.code() == Refusal.Code.INELIGIBLE_REPLICA,
                                    partitionEpoch);
            case CommandOutcome.Committed _,
                    CommandOutcome.NotController _,
                    CommandOutcome.Unknown _ ->
                    new IsrOutcome.Unknown();
        };
    }
}
