// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.log.LogConfig;
import dev.weir.log.PartitionId;
import dev.weir.metadata.config.ConfigKey;
import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.config.ConfigResolver;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.PartitionState;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// Makes this node's partitions follow the metadata: turns images and deltas into what changed for
/// the replicas that this node has.
///
/// **Threading:** one thread, in offset order. Both methods wait until the partitions are opened,
/// changed or removed, so never the thread that applies metadata.
public final class ReplicaFollower {

    private final PartitionRegistry partitions;
    private final int nodeId;
    private final Map<String, String> file;

    /// What the last image gave this node.
    private final TreeSet<PartitionId> replicas = new TreeSet<>();

    /// @param file the node's own defaults of dynamic keys, by key
    public ReplicaFollower(PartitionRegistry partitions, int nodeId, Map<String, String> file) {
        this.partitions = partitions;
        this.nodeId = nodeId;
        this.file = Map.copyOf(file);
    }

    /// Follows a whole image: the first one, and again where deltas are missing. Must be at least
    /// as new as this incarnation's registration.
    public void onSnapshot(ClusterImage image) {
        var wanted = new TreeSet<PartitionId>();
        for (var topic : image.topics().all()) {
            addReplicas(topic, wanted);
        }
        var touched = new TreeSet<>(replicas);
        touched.addAll(wanted);
        follow(image, touched);
    }

    /// Follows one change.
    ///
    /// @param image after the change
    public void onDelta(ClusterImage image, ImageDelta delta) {
        var touched = new TreeSet<PartitionId>();
        delta.changedPartitions().stream()
                .map(changed -> new PartitionId(changed.topicId(), changed.partition()))
                .forEach(touched::add);
        replicas.stream()
                .filter(id -> delta.deletedTopics().containsKey(id.topicId()))
                .forEach(touched::add);
        for (var scope : delta.changedConfigs()) {
            replicas.stream().filter(id -> concerns(scope, id)).forEach(touched::add);
        }
        follow(image, touched);
    }

    private boolean concerns(ConfigScope scope, PartitionId id) {
        return switch (scope) {
            case ConfigScope.Cluster _ -> true;
            case ConfigScope.Broker(int brokerId) -> brokerId == nodeId;
            case ConfigScope.Topic(UUID topicId) -> topicId.equals(id.topicId());
        };
    }

    private void follow(ClusterImage image, Set<PartitionId> touched) {
        var resolver = new ConfigResolver(image.configs(), nodeId, file);
        var changes = new ArrayList<ReplicaChange>();
        for (var id : touched) {
            var state =
                    image.topics()
                            .topic(id.topicId())
                            .filter(topic -> id.partition() < topic.partitions().size())
                            .map(topic -> topic.partitions().get(id.partition()))
                            .filter(partition -> partition.replicas().contains(nodeId));
            if (state.isPresent()) {
                replicas.add(id);
                changes.add(assigned(id, state.get(), resolver));
            } else if (replicas.remove(id)) {
                changes.add(new ReplicaChange.Removed(id));
            }
        }
        partitions.apply(image.offset(), List.copyOf(changes));
    }

    private void addReplicas(TopicImage topic, Set<PartitionId> wanted) {
        for (var partition = 0; partition < topic.partitions().size(); partition++) {
            if (topic.partitions().get(partition).replicas().contains(nodeId)) {
                wanted.add(new PartitionId(topic.topicId(), partition));
            }
        }
    }

    private static ReplicaChange.Assigned assigned(
            PartitionId id, PartitionState state, ConfigResolver resolver) {
        var settings = new Settings(resolver, id.topicId(), state.replicas().size());
        return new ReplicaChange.Assigned(
                id,
                new Assignment(
                        state.leader().orElse(Assignment.NO_LEADER),
                        state.leaderEpoch(),
                        state.partitionEpoch(),
                        state.replicas(),
                        state.isr()),
                new PartitionConfig(
                        settings.text(ConfigKeys.DURABILITY).equals(ConfigKeys.FSYNC)
                                ? Durability.FSYNC
                                : Durability.REPLICATED,
                        Math.toIntExact(settings.number(ConfigKeys.MIN_INSYNC_REPLICAS)),
                        settings.number(ConfigKeys.TIMESTAMP_AFTER_MAX_MS)),
                new LogConfig(
                        Math.toIntExact(settings.number(ConfigKeys.SEGMENT_BYTES)),
                        settings.number(ConfigKeys.SEGMENT_MS),
                        Math.toIntExact(settings.number(ConfigKeys.INDEX_INTERVAL_BYTES))));
    }

    /// The values that count for one topic on this node.
    private record Settings(ConfigResolver resolver, UUID topicId, int replicationFactor) {

        String text(ConfigKey key) {
            return resolver.forTopic(key, topicId, replicationFactor).value();
        }

        long number(ConfigKey key) {
            return resolver.forTopic(key, topicId, replicationFactor).number();
        }
    }
}
