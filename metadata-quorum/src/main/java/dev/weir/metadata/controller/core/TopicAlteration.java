// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.AlterTopic;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionState;

import java.util.ArrayList;
import java.util.List;

/// Decides [AlterTopic]: partitions only grow.
final class TopicAlteration {

    private TopicAlteration() {}

    static Decision decide(AlterTopic command, DecisionContext context) {
        var topic = TopicLookup.find(command.topic(), context.image());
        return topic.isEmpty()
                ? TopicLookup.unknown(command.topic())
                : decide(command, topic.get(), context);
    }

    private static Decision decide(AlterTopic command, TopicImage topic, DecisionContext context) {
        var count = topic.partitions().size();
        var total = command.totalPartitions().orElse(count);
        if (total < count) {
            return Decision.refuse(
                    Code.INVALID_PARTITIONS,
                    total + " partitions; the topic has " + count + " and cannot shrink");
        }
        var scope = new ConfigScope.Topic(topic.topicId());
        var problem = ConfigAlteration.problem(scope, command.changes(), context);
        if (problem.isPresent()) {
            return Decision.refuse(Code.INVALID_CONFIG, problem.get());
        }
        List<PartitionState> grown = List.of();
        if (total > count) {
            var replicationFactor = topic.partitions().getFirst().replicas().size();
            var live = context.placeable();
            if (replicationFactor > live.size()) {
                return Decision.refuse(
                        Code.INVALID_REPLICATION_FACTOR,
                        "the topic's replication factor "
                                + replicationFactor
                                + " with "
                                + live.size()
                                + " live brokers");
            }
            var placement = new ReplicaPlacement(context.image(), live);
            grown =
                    TopicCreation.placeAll(
                            placement, total - count, replicationFactor, context.settings());
            if (grown.isEmpty()) {
                return TopicCreation.tooMany(context.settings());
            }
        }
        var records =
                new ArrayList<MetadataRecord>(
                        ConfigAlteration.records(scope, command.changes(), context));
        records.addAll(TopicCreation.created(topic.topicId(), count, grown));
        return Decision.accept(
                command.validateOnly() ? List.of() : records,
                new CommandResult.TopicMade(topic.topicId(), topic.name(), count, grown));
    }
}
