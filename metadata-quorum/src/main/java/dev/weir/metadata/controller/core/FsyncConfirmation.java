// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ConfirmFsync;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.PartitionChanged;

import java.util.List;

/// Decides [ConfirmFsync]. The partition epoch that it names is above that of the change of
/// durability, and any later change of members or of durability raises it: so the report speaks of
/// exactly the members that the partition has now.
final class FsyncConfirmation {

    private FsyncConfirmation() {}

    static Decision decide(ConfirmFsync command, DecisionContext context) {
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
        if (!command.covered().containsAll(state.isr())
                || !command.covered().containsAll(state.elr())) {
            return Decision.refuse(
                    Code.INELIGIBLE_REPLICA,
                    "the report does not cover every member of ISR and ELR");
        }
        if (!state.fsyncUnproven()) {
            return Decision.accept(new CommandResult.PartitionNow(state));
        }
        var next = Membership.asOneChangeOf(state, Membership.withFsyncUnproven(state, false));
        return Decision.accept(
                List.of(
                        PartitionChanged.to(
                                command.partition().topicId(),
                                command.partition().partition(),
                                next)),
                new CommandResult.PartitionNow(next));
    }
}
