// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.BrokerRules;
import dev.weir.metadata.config.TopicRules;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.SortedSet;
import java.util.UUID;

/// What decisions are made on: the same for equal histories. Deciders change none of it.
///
/// @param image the pending image: applied, plus everything proposed in this activation
/// @param streams brokers whose current incarnation has a live heartbeat stream
/// @param overloaded brokers whose oldest unfinished work is older than the session timeout
/// @param logEnds log ends that members of a recovery election reported
/// @param offline replicas that their own nodes cannot use
/// @param settings limits
/// @param configRules the keys that exist
record DecisionContext(
        ClusterImage image,
        SortedSet<Integer> streams,
        SortedSet<Integer> overloaded,
        LogEnds logEnds,
        OfflineReplicas offline,
        ControllerSettings settings,
        ConfigRules configRules) {

    /// This context on another image.
    DecisionContext with(ClusterImage next) {
        return new DecisionContext(
                next, streams, overloaded, logEnds, offline, settings, configRules);
    }

    /// Brokers that may get new replicas: not fenced, not stopping, with a directory that works.
    List<BrokerState> placeable() {
        return image.brokers().all().stream()
                .filter(broker -> !broker.isFenced() && !broker.isShuttingDown())
                .filter(b -> !b.failedDirectories().containsAll(b.registration().directories()))
                .toList();
    }

    /// Whether a node is out for this partition until something brings it back: fenced, unknown, or
    /// with a failed directory, or with a replica that it cannot use.
    boolean isGone(TopicPartition id, PartitionState partition, int nodeId) {
        return image.brokers()
                        .broker(nodeId)
                        .map(b -> b.isFenced() || offline.contains(id, nodeId, b.incarnation()))
                        .orElse(true)
                || hasFailedDirectory(partition, nodeId);
    }

    /// Whether the replica's directory failed.
    boolean hasFailedDirectory(PartitionState partition, int nodeId) {
        return image.brokers()
                .broker(nodeId)
                .map(b -> b.failedDirectories().contains(partition.directoryOf(nodeId)))
                .orElse(false);
    }

    /// Whether a node can serve this partition now: not gone, and its stream is up.
    boolean isLive(TopicPartition id, PartitionState partition, int nodeId) {
        return streams.contains(nodeId) && !isGone(id, partition, nodeId);
    }

    /// Whether a live node should be given leadership: not about to stop, not stuck, not drained.
    boolean isFit(int nodeId) {
        return !overloaded.contains(nodeId)
                && !BrokerRules.isDrained(image.configs(), nodeId)
                && image.brokers()
                        .broker(nodeId)
                        .map(broker -> !broker.isShuttingDown())
                        .orElse(false);
    }

    /// Whether a node announced its stop.
    boolean isStopping(int nodeId) {
        return image.brokers().broker(nodeId).map(BrokerState::isShuttingDown).orElse(false);
    }

    /// ISR members that a partition of this topic needs for `acks=all`.
    int minInsyncReplicas(UUID topicId, PartitionState partition) {
        return TopicRules.minInsyncReplicas(image.configs(), topicId, partition.replicas().size());
    }
}
