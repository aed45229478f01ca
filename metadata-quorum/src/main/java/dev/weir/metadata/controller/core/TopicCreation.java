// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.CreateTopic;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicName;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Decides [CreateTopic]. A repetition with the same topic id is answered as the first time.
final class TopicCreation {

    /// Replicas of a topic that names no replication factor, where there are as many brokers.
    private static final int DEFAULT_REPLICATION_FACTOR = 3;

    private TopicCreation() {}

    static Decision decide(CreateTopic command, DecisionContext context) {
        var nameProblem = nameProblem(command);
        if (nameProblem.isPresent()) {
            return Decision.refuse(Code.INVALID_TOPIC_NAME, nameProblem.get());
        }
        var existing = context.image().topics().topic(command.name());
        if (existing.isPresent()) {
            return existing.get().topicId().equals(command.topicId())
                    ? Decision.accept(result(existing.get()))
                    : Decision.refuse(
                            Code.TOPIC_EXISTS, "topic '" + command.name() + "' exists already");
        }
        var partitions = command.partitions().orElse(context.settings().defaultPartitions());
        if (partitions < 1) {
            return Decision.refuse(
                    Code.INVALID_PARTITIONS, "a topic with " + partitions + " partitions");
        }
        var configProblem = configProblem(command, context);
        if (configProblem.isPresent()) {
            return Decision.refuse(Code.INVALID_CONFIG, configProblem.get());
        }
        return place(command, partitions, context);
    }

    private static Decision place(CreateTopic command, int partitions, DecisionContext context) {
        var live = context.placeable().size();
        var replicationFactor =
                command.replicationFactor().orElse(Math.min(DEFAULT_REPLICATION_FACTOR, live));
        if (replicationFactor < 1 || replicationFactor > live) {
            return Decision.refuse(
                    Code.INVALID_REPLICATION_FACTOR,
                    "replication factor " + replicationFactor + " with " + live + " live brokers");
        }
        var placement = new ReplicaPlacement(context.image(), context.placeable());
        var states = placeAll(placement, partitions, replicationFactor, context.settings());
        if (states.isEmpty()) {
            return tooMany(context.settings());
        }
        var records = new ArrayList<MetadataRecord>();
        records.add(new TopicCreated(command.topicId(), command.name()));
        records.addAll(created(command.topicId(), 0, states));
        var scope = new ConfigScope.Topic(command.topicId());
        command.configs().forEach((key, value) -> records.add(new ConfigSet(scope, key, value)));
        return Decision.accept(
                command.validateOnly() ? List.of() : records,
                new CommandResult.TopicMade(command.topicId(), command.name(), 0, states));
    }

    /// @return as many states as asked for; none if they would exceed a limit
    static List<PartitionState> placeAll(
            ReplicaPlacement placement,
            int partitions,
            int replicationFactor,
            ControllerSettings settings) {
        if (partitions > settings.partitionsPerBatchMax()) {
            return List.of();
        }
        var states = new ArrayList<PartitionState>();
        for (var partition = 0; partition < partitions; partition++) {
            states.add(placement.place(replicationFactor));
        }
        return placement.mostReplicas() > settings.replicasPerBrokerMax() ? List.of() : states;
    }

    static List<PartitionCreated> created(
            UUID topicId, int firstPartition, List<PartitionState> states) {
        var records = new ArrayList<PartitionCreated>();
        for (var state : states) {
            records.add(new PartitionCreated(topicId, firstPartition + records.size(), state));
        }
        return records;
    }

    static Decision tooMany(ControllerSettings settings) {
        return Decision.refuse(
                Code.LIMIT_EXCEEDED,
                "more than "
                        + settings.partitionsPerBatchMax()
                        + " partitions in one request, or more than "
                        + settings.replicasPerBrokerMax()
                        + " replicas on one broker");
    }

    private static CommandResult result(TopicImage topic) {
        return new CommandResult.TopicMade(topic.topicId(), topic.name(), 0, topic.partitions());
    }

    private static Optional<String> nameProblem(CreateTopic command) {
        var problem = TopicName.problem(command.name());
        if (problem.isEmpty() && TopicName.isInternal(command.name()) && !command.isInternal()) {
            return Optional.of("topic names that begin with '__' are Weir's own");
        }
        return problem;
    }

    private static Optional<String> configProblem(CreateTopic command, DecisionContext context) {
        var scope = new ConfigScope.Topic(command.topicId());
        return command.configs().entrySet().stream()
                .flatMap(
                        entry ->
                                context
                                        .configRules()
                                        .problem(scope, entry.getKey(), entry.getValue())
                                        .stream())
                .findFirst();
    }
}
