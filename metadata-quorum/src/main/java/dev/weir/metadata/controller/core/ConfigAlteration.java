// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.config.TopicRules;
import dev.weir.metadata.controller.core.ControllerCommand.AlterConfigs;
import dev.weir.metadata.controller.core.ControllerCommand.ConfigTarget;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigRemoved;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionState;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// Decides [AlterConfigs], with what a new value does to partitions in the same batch.
///
/// - `min.insync.replicas`: where the ISR then has min(new value, replicas) members, the ELR is
///   emptied: it only counts below the minimum.
/// - `durability` to `fsync`: members count as before until a leader has proven that they are
///   durable to its log end. To `replicated`: at once.
final class ConfigAlteration {

    private ConfigAlteration() {}

    static Decision decide(AlterConfigs command, DecisionContext context) {
        return switch (command.target()) {
            case ConfigTarget.OfTopic(var name) ->
                    context.image()
                            .topics()
                            .topic(name)
                            .map(t -> decide(command, new ConfigScope.Topic(t.topicId()), context))
                            .orElseGet(
                                    () ->
                                            Decision.refuse(
                                                    Code.UNKNOWN_TOPIC, "there is no such topic"));
            case ConfigTarget.OfScope target -> decide(command, target.scope(), context);
        };
    }

    private static Decision decide(
            AlterConfigs command, ConfigScope scope, DecisionContext context) {
        var unknown = unknown(scope, context.image());
        if (unknown.isPresent()) {
            return unknown.get();
        }
        var problem = problem(scope, command.changes(), context);
        if (problem.isPresent()) {
            return Decision.refuse(Code.INVALID_CONFIG, problem.get());
        }
        return Decision.accept(
                command.validateOnly() ? List.of() : records(scope, command.changes(), context),
                new CommandResult.Done());
    }

    private static Optional<Decision> unknown(ConfigScope scope, ClusterImage image) {
        return switch (scope) {
            case ConfigScope.Cluster _ -> Optional.empty();
            case ConfigScope.Broker(var nodeId) ->
                    image.brokers().broker(nodeId).isPresent()
                            ? Optional.empty()
                            : Optional.of(
                                    Decision.refuse(
                                            Code.UNKNOWN_BROKER, "there is no broker " + nodeId));
            case ConfigScope.Topic(var topicId) ->
                    image.topics().topic(topicId).isPresent()
                            ? Optional.empty()
                            : Optional.of(
                                    Decision.refuse(
                                            Code.UNKNOWN_TOPIC_ID,
                                            "there is no topic with id " + topicId));
        };
    }

    /// What is wrong with the changes; removing a key needs only that the key exists.
    static Optional<String> problem(
            ConfigScope scope,
            SortedMap<String, Optional<String>> changes,
            DecisionContext context) {
        return changes.entrySet().stream()
                .flatMap(change -> problem(scope, change, context).stream())
                .findFirst();
    }

    private static Optional<String> problem(
            ConfigScope scope,
            Map.Entry<String, Optional<String>> change,
            DecisionContext context) {
        var key = change.getKey();
        if (change.getValue().isPresent()) {
            return context.configRules().problem(scope, key, change.getValue().get());
        }
        var isKnown =
                ConfigKeys.key(key).isPresent()
                        || context.image().configs().own(scope, key).isPresent();
        return isKnown
                ? Optional.empty()
                : context.configRules()
                        .problem(scope, key, "")
                        .or(() -> Optional.of("a key that is to be removed does not exist"));
    }

    /// Records for the changes that change something, and for what follows from them.
    static List<MetadataRecord> records(
            ConfigScope scope,
            SortedMap<String, Optional<String>> changes,
            DecisionContext context) {
        var records = new ArrayList<MetadataRecord>();
        changes.forEach(
                (key, value) -> {
                    if (!context.image().configs().own(scope, key).equals(value)) {
                        records.add(
                                value.<MetadataRecord>map(text -> new ConfigSet(scope, key, text))
                                        .orElseGet(() -> new ConfigRemoved(scope, key)));
                    }
                });
        if (!records.isEmpty()) {
            var after = context.image().with(records);
            context.image().topics().all().stream()
                    .filter(topic -> isTouched(scope, topic))
                    .forEach(topic -> addConsequences(topic, context.image(), after, records));
        }
        return records;
    }

    private static boolean isTouched(ConfigScope scope, TopicImage topic) {
        return switch (scope) {
            case ConfigScope.Cluster _ -> true;
            case ConfigScope.Topic(var topicId) -> topic.topicId().equals(topicId);
            case ConfigScope.Broker _ -> false;
        };
    }

    private static void addConsequences(
            TopicImage topic,
            ClusterImage before,
            ClusterImage after,
            List<MetadataRecord> records) {
        var topicId = topic.topicId();
        var wasFsync = TopicRules.isFsync(before.configs(), topicId);
        var isFsync = TopicRules.isFsync(after.configs(), topicId);
        for (var partition = 0; partition < topic.partitions().size(); partition++) {
            var state = topic.partitions().get(partition);
            var rf = state.replicas().size();
            var oldMin = TopicRules.minInsyncReplicas(before.configs(), topicId, rf);
            var newMin = TopicRules.minInsyncReplicas(after.configs(), topicId, rf);
            var next = state;
            if (oldMin != newMin && state.isr().size() >= newMin) {
                next = Membership.withoutElr(next);
            }
            next = Membership.withFsyncUnproven(next, isUnproven(state, wasFsync, isFsync));
            if (!next.equals(state)) {
                records.add(
                        PartitionChanged.to(
                                topicId, partition, Membership.asOneChangeOf(state, next)));
            }
        }
    }

    private static boolean isUnproven(PartitionState state, boolean wasFsync, boolean isFsync) {
        return isFsync && (state.fsyncUnproven() || !wasFsync);
    }
}
