// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.storage.ReplicaChange;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.BrokersImage;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.PartitionState;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// Turns images into what this node's replicas have to become. Compares whole images: what lies
/// between two of them does not matter, so a slow disk makes the next step larger, never a queue.
///
/// **Threading:** one thread at a time, the one that follows the metadata; it may block while
/// partitions open.
public final class ReplicaFollower {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFollower.class);

    private final int nodeId;
    private final Map<String, String> fileConfigs;
    private final PartitionRegistry partitions;
    private final long registrationOffset;
    private final Consumer<ClusterImage> onApplied;
    private ClusterImage current = ClusterImage.EMPTY;

    /// @param fileConfigs the broker's own values of dynamic keys
    /// @param registrationOffset images below it are of an earlier life and not acted on
    /// @param onApplied told each image that the replicas now follow
    public ReplicaFollower(
            int nodeId,
            Map<String, String> fileConfigs,
            PartitionRegistry partitions,
            long registrationOffset,
            Consumer<ClusterImage> onApplied) {
        this.nodeId = nodeId;
        this.fileConfigs = Map.copyOf(fileConfigs);
        this.partitions = partitions;
        this.registrationOffset = registrationOffset;
        this.onApplied = onApplied;
    }

    /// Makes the replicas what the image says. Older images than the last are ignored.
    public void follow(ClusterImage image) {
        boolean older = image.offset() < registrationOffset || image.offset() < current.offset();
        if (older) {
            return;
        }
        var changes = changes(image);
        if (!changes.isEmpty()) {
            LOG.debug("metadata offset {}: {} replica changes", image.offset(), changes.size());
            partitions.apply(image.offset(), changes);
        }
        current = image;
        onApplied.accept(image);
    }

    /// Images share what did not change, so identity says enough, and at once.
    @SuppressWarnings("ReferenceEquality")
    private List<ReplicaChange> changes(ClusterImage image) {
        var changes = new ArrayList<ReplicaChange>();
        var configsChanged = !image.configs().equals(current.configs());
        var brokers = changedBrokers(image);
        for (var topic : image.topics().all()) {
            var before = current.topics().topic(topic.topicId()).orElse(null);
            var reconfigured = configsChanged && configsDiffer(topic, image);
            if (topic != before || reconfigured || !brokers.isEmpty()) {
                assigned(topic, reconfigured ? null : before, brokers, image, changes);
            }
        }
        removed(image, changes);
        return changes;
    }

    /// Nodes that this image tells something else of: who leads has to know the process, and
    /// whether it may join.
    @SuppressWarnings("ReferenceEquality")
    private Set<Integer> changedBrokers(ClusterImage image) {
        if (image.brokers() == current.brokers()) {
            return Set.of();
        }
        var changed = new HashSet<Integer>();
        for (var broker : image.brokers().all()) {
            if (current.brokers().broker(broker.nodeId()).orElse(null) != broker) {
                changed.add(broker.nodeId());
            }
        }
        for (var broker : current.brokers().all()) {
            if (image.brokers().broker(broker.nodeId()).isEmpty()) {
                changed.add(broker.nodeId());
            }
        }
        return changed;
    }

    /// Cluster and broker values reach every topic.
    private boolean configsDiffer(TopicImage topic, ClusterImage image) {
        return differs(image, new ConfigScope.Topic(topic.topicId()))
                || differs(image, new ConfigScope.Cluster())
                || differs(image, new ConfigScope.Broker(nodeId));
    }

    private boolean differs(ClusterImage image, ConfigScope scope) {
        return !image.configs().of(scope).equals(current.configs().of(scope));
    }

    /// @param before what was followed last; null to bring all partitions of the topic again
    @SuppressWarnings("ReferenceEquality")
    private void assigned(
            TopicImage topic,
            @Nullable TopicImage before,
            Set<Integer> brokers,
            ClusterImage image,
            List<ReplicaChange> changes) {
        for (int partition = 0; partition < topic.partitions().size(); partition++) {
            var state = topic.partitions().get(partition);
            var unchanged =
                    before != null
                            && partition < before.partitions().size()
                            && before.partitions().get(partition) == state
                            && Collections.disjoint(brokers, state.replicas());
            if (!unchanged && state.replicas().contains(nodeId)) {
                var settings =
                        TopicSettings.of(
                                image,
                                nodeId,
                                fileConfigs,
                                topic.topicId(),
                                state.replicas().size());
                changes.add(
                        new ReplicaChange.Assigned(
                                new PartitionId(topic.topicId(), partition),
                                assignment(state, image.brokers()),
                                settings.partition(),
                                settings.log()));
            }
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private void removed(ClusterImage image, List<ReplicaChange> changes) {
        if (image.topics() == current.topics()) {
            return;
        }
        var now = mine(image);
        for (var id : mine(current)) {
            if (!now.contains(id)) {
                changes.add(new ReplicaChange.Removed(id));
            }
        }
    }

    private Set<PartitionId> mine(ClusterImage image) {
        var mine = new HashSet<PartitionId>();
        for (var topic : image.topics().all()) {
            for (int partition = 0; partition < topic.partitions().size(); partition++) {
                if (topic.partitions().get(partition).replicas().contains(nodeId)) {
                    mine.add(new PartitionId(topic.topicId(), partition));
                }
            }
        }
        return mine;
    }

    private static Assignment assignment(PartitionState state, BrokersImage brokers) {
        return new Assignment(
                state.leader().orElse(Assignment.NO_LEADER),
                state.leaderEpoch(),
                state.partitionEpoch(),
                state.replicas().stream().map(node -> replica(node, state, brokers)).toList(),
                state.isr(),
                state.elr(),
                state.fsyncUnproven());
    }

    private static AssignedReplica replica(int node, PartitionState state, BrokersImage brokers) {
        var broker = brokers.broker(node);
        return new AssignedReplica(
                node,
                broker.map(BrokerState::incarnation).orElse(AssignedReplica.UNREGISTERED),
                state.directoryOf(node),
                broker.filter(b -> mayJoin(b, state.directoryOf(node))).isPresent());
    }

    /// As the controller judges it, or who leads would propose in vain.
    private static boolean mayJoin(BrokerState broker, UUID directory) {
        return !broker.isFenced()
                && !broker.isShuttingDown()
                && !broker.failedDirectories().contains(directory);
    }
}
