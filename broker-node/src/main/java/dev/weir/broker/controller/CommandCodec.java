// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import static dev.weir.broker.controller.WireValues.changes;
import static dev.weir.broker.controller.WireValues.election;
import static dev.weir.broker.controller.WireValues.endpoint;
import static dev.weir.broker.controller.WireValues.id;
import static dev.weir.broker.controller.WireValues.ids;
import static dev.weir.broker.controller.WireValues.names;
import static dev.weir.broker.controller.WireValues.natural;
import static dev.weir.broker.controller.WireValues.node;
import static dev.weir.broker.controller.WireValues.optional;
import static dev.weir.broker.controller.WireValues.partition;
import static dev.weir.broker.controller.WireValues.partitions;
import static dev.weir.broker.controller.WireValues.uuids;
import static dev.weir.broker.controller.WireValues.voter;

import dev.weir.api.internal.v1.AddVoterCommand;
import dev.weir.api.internal.v1.AllocateProducerIdsCommand;
import dev.weir.api.internal.v1.AlterConfigsCommand;
import dev.weir.api.internal.v1.AlterPartitionCommand;
import dev.weir.api.internal.v1.AlterTopicCommand;
import dev.weir.api.internal.v1.AskRegistrationCommand;
import dev.weir.api.internal.v1.CommandTopic;
import dev.weir.api.internal.v1.ConfirmFsyncCommand;
import dev.weir.api.internal.v1.CreateTopicCommand;
import dev.weir.api.internal.v1.DeleteTopicCommand;
import dev.weir.api.internal.v1.ElectLeadersCommand;
import dev.weir.api.internal.v1.ProposedIsrMember;
import dev.weir.api.internal.v1.RegisterBrokerCommand;
import dev.weir.api.internal.v1.RemoveVoterCommand;
import dev.weir.api.internal.v1.ReportFailedDirectoryCommand;
import dev.weir.api.internal.v1.ReportLogEndsCommand;
import dev.weir.api.internal.v1.ReportOfflineReplicasCommand;
import dev.weir.api.internal.v1.ReportedLogEnd;
import dev.weir.api.internal.v1.StartShutdownCommand;
import dev.weir.api.internal.v1.SubmitRequest;
import dev.weir.api.internal.v1.UnregisterBrokerCommand;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Controller commands to their messages and back. A message that is no command of this build is
/// refused with an [IllegalArgumentException] that says why.
final class CommandCodec {

    private CommandCodec() {}

    /// @param timeoutMs how long the controller may take
    static SubmitRequest encode(ControllerCommand command, int timeoutMs) {
        var request = SubmitRequest.newBuilder().setTimeoutMs(timeoutMs);
        return switch (command) {
            case ControllerCommand.CreateTopic c -> request.setCreateTopic(create(c)).build();
            case ControllerCommand.DeleteTopic(var topic) ->
                    request.setDeleteTopic(DeleteTopicCommand.newBuilder().setTopic(topic(topic)))
                            .build();
            case ControllerCommand.AlterTopic c -> request.setAlterTopic(alter(c)).build();
            case ControllerCommand.AlterConfigs c -> request.setAlterConfigs(configs(c)).build();
            case ControllerCommand.AskRegistration(var nodeId) ->
                    request.setAskRegistration(
                                    AskRegistrationCommand.newBuilder().setNodeId(nodeId))
                            .build();
            case ControllerCommand.RegisterBroker c ->
                    request.setRegisterBroker(register(c)).build();
            case ControllerCommand.UnregisterBroker(var nodeId) ->
                    request.setUnregisterBroker(
                                    UnregisterBrokerCommand.newBuilder().setNodeId(nodeId))
                            .build();
            case ControllerCommand.StartShutdown(var nodeId, var incarnation) ->
                    request.setStartShutdown(
                                    StartShutdownCommand.newBuilder()
                                            .setNodeId(nodeId)
                                            .setIncarnation(id(incarnation)))
                            .build();
            case ControllerCommand.AllocateProducerIds(var nodeId, var incarnation) ->
                    request.setAllocateProducerIds(
                                    AllocateProducerIdsCommand.newBuilder()
                                            .setNodeId(nodeId)
                                            .setIncarnation(id(incarnation)))
                            .build();
            case ControllerCommand.AlterPartition c -> request.setAlterPartition(isr(c)).build();
            case ControllerCommand.ConfirmFsync c -> request.setConfirmFsync(fsync(c)).build();
            case ControllerCommand.ReportLogEnds c -> request.setReportLogEnds(ends(c)).build();
            case ControllerCommand.ReportOfflineReplicas(
                            var node,
                            var process,
                            var number,
                            var all) ->
                    request.setReportOfflineReplicas(
                                    ReportOfflineReplicasCommand.newBuilder()
                                            .setNodeId(node)
                                            .setIncarnation(id(process))
                                            .setNumber(number)
                                            .addAllPartitions(names(all)))
                            .build();
            case ControllerCommand.ElectLeaders(var partitions, var kind) ->
                    request.setElectLeaders(
                                    ElectLeadersCommand.newBuilder()
                                            .addAllPartitions(names(partitions))
                                            .setElection(election(kind)))
                            .build();
            case ControllerCommand.ReportFailedDirectory(var nodeId, var process, var directory) ->
                    request.setReportFailedDirectory(
                                    ReportFailedDirectoryCommand.newBuilder()
                                            .setNodeId(nodeId)
                                            .setIncarnation(id(process))
                                            .setDirectoryId(id(directory)))
                            .build();
            case ControllerCommand.AddVoter(var voter) ->
                    request.setAddVoter(AddVoterCommand.newBuilder().setVoter(voter(voter)))
                            .build();
            case ControllerCommand.RemoveVoter(var nodeId, var directory) ->
                    request.setRemoveVoter(
                                    RemoveVoterCommand.newBuilder()
                                            .setNodeId(nodeId)
                                            .setDirectoryId(id(directory)))
                            .build();
        };
    }

    /// @throws IllegalArgumentException the message is no command
    static ControllerCommand decode(SubmitRequest request) {
        return switch (request.getCommandCase()) {
            case CREATE_TOPIC -> create(request.getCreateTopic());
            case DELETE_TOPIC ->
                    new ControllerCommand.DeleteTopic(topic(request.getDeleteTopic().getTopic()));
            case ALTER_TOPIC -> alter(request.getAlterTopic());
            case ALTER_CONFIGS -> configs(request.getAlterConfigs());
            case ASK_REGISTRATION ->
                    new ControllerCommand.AskRegistration(
                            node(request.getAskRegistration().getNodeId()));
            case REGISTER_BROKER -> register(request.getRegisterBroker());
            case UNREGISTER_BROKER ->
                    new ControllerCommand.UnregisterBroker(
                            node(request.getUnregisterBroker().getNodeId()));
            case START_SHUTDOWN ->
                    new ControllerCommand.StartShutdown(
                            node(request.getStartShutdown().getNodeId()),
                            id(request.getStartShutdown().getIncarnation()));
            case ALLOCATE_PRODUCER_IDS ->
                    new ControllerCommand.AllocateProducerIds(
                            node(request.getAllocateProducerIds().getNodeId()),
                            id(request.getAllocateProducerIds().getIncarnation()));
            case ALTER_PARTITION -> isr(request.getAlterPartition());
            case CONFIRM_FSYNC -> fsync(request.getConfirmFsync());
            case REPORT_LOG_ENDS -> ends(request.getReportLogEnds());
            case REPORT_OFFLINE_REPLICAS -> offline(request.getReportOfflineReplicas());
            case ELECT_LEADERS ->
                    new ControllerCommand.ElectLeaders(
                            partitions(request.getElectLeaders().getPartitionsList()),
                            election(request.getElectLeaders().getElection()));
            case REPORT_FAILED_DIRECTORY ->
                    new ControllerCommand.ReportFailedDirectory(
                            node(request.getReportFailedDirectory().getNodeId()),
                            id(request.getReportFailedDirectory().getIncarnation()),
                            id(request.getReportFailedDirectory().getDirectoryId()));
            case ADD_VOTER ->
                    new ControllerCommand.AddVoter(voter(request.getAddVoter().getVoter()));
            case REMOVE_VOTER ->
                    new ControllerCommand.RemoveVoter(
                            node(request.getRemoveVoter().getNodeId()),
                            id(request.getRemoveVoter().getDirectoryId()));
            case COMMAND_NOT_SET ->
                    throw new IllegalArgumentException("no command, or one of a newer build");
        };
    }

    private static CreateTopicCommand create(ControllerCommand.CreateTopic command) {
        var message =
                CreateTopicCommand.newBuilder()
                        .setTopicId(id(command.topicId()))
                        .setName(command.name())
                        .putAllConfigs(command.configs())
                        .setValidateOnly(command.validateOnly())
                        .setInternal(command.isInternal());
        command.partitions().ifPresent(message::setPartitions);
        command.replicationFactor().ifPresent(message::setReplicationFactor);
        return message.build();
    }

    private static ControllerCommand create(CreateTopicCommand message) {
        return new ControllerCommand.CreateTopic(
                id(message.getTopicId()),
                message.getName(),
                optional(message.hasPartitions(), message.getPartitions()),
                optional(message.hasReplicationFactor(), message.getReplicationFactor()),
                new TreeMap<>(message.getConfigsMap()),
                message.getValidateOnly(),
                message.getInternal());
    }

    private static CommandTopic topic(ControllerCommand.TopicRef topic) {
        return switch (topic) {
            case ControllerCommand.TopicRef.ByName(var name) ->
                    CommandTopic.newBuilder().setName(name).build();
            case ControllerCommand.TopicRef.ById(var topicId) ->
                    CommandTopic.newBuilder().setId(id(topicId)).build();
        };
    }

    private static ControllerCommand.TopicRef topic(CommandTopic topic) {
        return switch (topic.getRefCase()) {
            case NAME -> new ControllerCommand.TopicRef.ByName(topic.getName());
            case ID -> new ControllerCommand.TopicRef.ById(id(topic.getId()));
            case REF_NOT_SET -> throw new IllegalArgumentException("no topic");
        };
    }

    private static AlterTopicCommand alter(ControllerCommand.AlterTopic command) {
        var message =
                AlterTopicCommand.newBuilder()
                        .setTopic(topic(command.topic()))
                        .addAllChanges(changes(command.changes()))
                        .setValidateOnly(command.validateOnly());
        command.totalPartitions().ifPresent(message::setTotalPartitions);
        return message.build();
    }

    private static ControllerCommand alter(AlterTopicCommand message) {
        return new ControllerCommand.AlterTopic(
                topic(message.getTopic()),
                optional(message.hasTotalPartitions(), message.getTotalPartitions()),
                changes(message.getChangesList()),
                message.getValidateOnly());
    }

    private static AlterConfigsCommand configs(ControllerCommand.AlterConfigs command) {
        var message =
                AlterConfigsCommand.newBuilder()
                        .addAllChanges(changes(command.changes()))
                        .setValidateOnly(command.validateOnly());
        return switch (command.target()) {
            case ControllerCommand.ConfigTarget.OfTopic(var name) ->
                    message.setTopicName(name).build();
            case ControllerCommand.ConfigTarget.OfScope(ConfigScope.Cluster _) ->
                    message.setCluster(true).build();
            case ControllerCommand.ConfigTarget.OfScope(ConfigScope.Broker(var nodeId)) ->
                    message.setBroker(nodeId).build();
            case ControllerCommand.ConfigTarget.OfScope(ConfigScope.Topic(var topicId)) ->
                    message.setTopicId(id(topicId)).build();
        };
    }

    private static ControllerCommand configs(AlterConfigsCommand message) {
        return new ControllerCommand.AlterConfigs(
                target(message), changes(message.getChangesList()), message.getValidateOnly());
    }

    private static ControllerCommand.ConfigTarget target(AlterConfigsCommand message) {
        return switch (message.getTargetCase()) {
            case CLUSTER -> new ControllerCommand.ConfigTarget.OfScope(new ConfigScope.Cluster());
            case BROKER ->
                    new ControllerCommand.ConfigTarget.OfScope(
                            new ConfigScope.Broker(node(message.getBroker())));
            case TOPIC_ID ->
                    new ControllerCommand.ConfigTarget.OfScope(
                            new ConfigScope.Topic(id(message.getTopicId())));
            case TOPIC_NAME -> new ControllerCommand.ConfigTarget.OfTopic(message.getTopicName());
            case TARGET_NOT_SET -> throw new IllegalArgumentException("no target");
        };
    }

    private static RegisterBrokerCommand register(ControllerCommand.RegisterBroker command) {
        var message =
                RegisterBrokerCommand.newBuilder()
                        .setNodeId(command.nodeId())
                        .setIncarnation(id(command.incarnation()))
                        .setReplacesRegistration(command.replacesRegistration())
                        .setClientEndpoint(endpoint(command.clientEndpoint()))
                        .setInternalEndpoint(endpoint(command.internalEndpoint()))
                        .addAllDirectories(ids(command.directories()))
                        .setWeirVersionMin(command.weirVersionMin())
                        .setWeirVersionMax(command.weirVersionMax())
                        .setSameBoot(command.isSameBoot())
                        .addAllUnprovenDirectories(ids(command.unprovenDirectories()));
        command.rack().ifPresent(message::setRack);
        return message.build();
    }

    private static ControllerCommand register(RegisterBrokerCommand message) {
        return new ControllerCommand.RegisterBroker(
                node(message.getNodeId()),
                id(message.getIncarnation()),
                natural(message.getReplacesRegistration(), "registration"),
                endpoint(message.getClientEndpoint()),
                endpoint(message.getInternalEndpoint()),
                message.hasRack() ? Optional.of(message.getRack()) : Optional.empty(),
                uuids(message.getDirectoriesList()),
                natural(message.getWeirVersionMin(), "version"),
                natural(message.getWeirVersionMax(), "version"),
                message.getSameBoot(),
                uuids(message.getUnprovenDirectoriesList()));
    }

    private static AlterPartitionCommand isr(ControllerCommand.AlterPartition command) {
        var message =
                AlterPartitionCommand.newBuilder()
                        .setPartition(partition(command.partition()))
                        .setLeaderId(command.leaderId())
                        .setLeaderIncarnation(id(command.leaderIncarnation()))
                        .setLeaderEpoch(command.leaderEpoch())
                        .setPartitionEpoch(command.partitionEpoch());
        for (var member : command.isr()) {
            message.addIsr(
                    ProposedIsrMember.newBuilder()
                            .setNodeId(member.nodeId())
                            .setIncarnation(id(member.incarnation())));
        }
        return message.build();
    }

    private static ControllerCommand isr(AlterPartitionCommand message) {
        return new ControllerCommand.AlterPartition(
                partition(message.getPartition()),
                node(message.getLeaderId()),
                id(message.getLeaderIncarnation()),
                natural(message.getLeaderEpoch(), "leader epoch"),
                natural(message.getPartitionEpoch(), "partition epoch"),
                message.getIsrList().stream()
                        .map(
                                member ->
                                        new ControllerCommand.IsrMember(
                                                node(member.getNodeId()),
                                                id(member.getIncarnation())))
                        .toList());
    }

    private static ConfirmFsyncCommand fsync(ControllerCommand.ConfirmFsync command) {
        return ConfirmFsyncCommand.newBuilder()
                .setPartition(partition(command.partition()))
                .setLeaderId(command.leaderId())
                .setLeaderIncarnation(id(command.leaderIncarnation()))
                .setLeaderEpoch(command.leaderEpoch())
                .setPartitionEpoch(command.partitionEpoch())
                .addAllCovered(command.covered())
                .build();
    }

    private static ControllerCommand fsync(ConfirmFsyncCommand message) {
        var covered = new TreeSet<Integer>();
        message.getCoveredList().forEach(nodeId -> covered.add(node(nodeId)));
        return new ControllerCommand.ConfirmFsync(
                partition(message.getPartition()),
                node(message.getLeaderId()),
                id(message.getLeaderIncarnation()),
                natural(message.getLeaderEpoch(), "leader epoch"),
                natural(message.getPartitionEpoch(), "partition epoch"),
                covered);
    }

    private static ControllerCommand offline(ReportOfflineReplicasCommand message) {
        return new ControllerCommand.ReportOfflineReplicas(
                node(message.getNodeId()),
                id(message.getIncarnation()),
                natural(message.getNumber(), "number"),
                partitions(message.getPartitionsList()));
    }

    private static ReportLogEndsCommand ends(ControllerCommand.ReportLogEnds command) {
        var message =
                ReportLogEndsCommand.newBuilder()
                        .setNodeId(command.nodeId())
                        .setIncarnation(id(command.incarnation()));
        command.ends()
                .forEach(
                        (partition, end) ->
                                message.addEnds(
                                        ReportedLogEnd.newBuilder()
                                                .setPartition(partition(partition))
                                                .setLastEpoch(end.lastEpoch())
                                                .setEndOffset(end.endOffset())));
        return message.build();
    }

    private static ControllerCommand ends(ReportLogEndsCommand message) {
        var ends = new TreeMap<TopicPartition, ControllerCommand.LogEnd>();
        for (var end : message.getEndsList()) {
            ends.put(
                    partition(end.getPartition()),
                    new ControllerCommand.LogEnd(
                            Math.max(-1, end.getLastEpoch()),
                            natural(end.getEndOffset(), "log end")));
        }
        return new ControllerCommand.ReportLogEnds(
                node(message.getNodeId()), id(message.getIncarnation()), ends);
    }
}
