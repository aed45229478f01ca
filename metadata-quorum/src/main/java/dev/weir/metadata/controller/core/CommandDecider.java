// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

/// Sends each command to the file that decides it. Pure: equal arguments, equal decisions.
final class CommandDecider {

    private CommandDecider() {}

    static Decision decide(ControllerCommand command, DecisionContext context) {
        return switch (command) {
            case ControllerCommand.CreateTopic create -> TopicCreation.decide(create, context);
            case ControllerCommand.DeleteTopic delete -> TopicDeletion.decide(delete, context);
            case ControllerCommand.AlterTopic alter -> TopicAlteration.decide(alter, context);
            case ControllerCommand.AlterConfigs alter -> ConfigAlteration.decide(alter, context);
            case ControllerCommand.AskRegistration(var nodeId) ->
                    Registration.current(nodeId, context);
            case ControllerCommand.RegisterBroker register ->
                    Registration.decide(register, context);
            case ControllerCommand.UnregisterBroker(var nodeId) ->
                    Unregistration.decide(nodeId, context);
            case ControllerCommand.StartShutdown start -> ControlledShutdown.decide(start, context);
            case ControllerCommand.AllocateProducerIds allocate ->
                    ProducerIdAllocation.decide(allocate, context);
            case ControllerCommand.AlterPartition alter -> IsrAlteration.decide(alter, context);
            case ControllerCommand.ConfirmFsync confirm ->
                    FsyncConfirmation.decide(confirm, context);
            case ControllerCommand.ReportLogEnds report -> LogEndReport.decide(report, context);
            case ControllerCommand.ReportOfflineReplicas(var nodeId, var process, _, _) ->
                    Incarnations.refusal(nodeId, process, context)
                            .orElseGet(() -> Decision.accept(new CommandResult.Done()));
            case ControllerCommand.ElectLeaders elect -> OrderedElection.decide(elect, context);
            case ControllerCommand.ReportFailedDirectory report ->
                    DirectoryFailure.decide(report, context);
            case ControllerCommand.VoterCommand voters ->
                    throw new IllegalStateException("not for the core: " + voters);
        };
    }
}
