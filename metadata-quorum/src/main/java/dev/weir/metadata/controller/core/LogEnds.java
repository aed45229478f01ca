// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// Log ends that members dropped for an unclean restart reported, by partition and node.
///
/// Kept in memory only: a new controller hears them again. Owned by the controller; bounded by the
/// partitions that wait for a recovery election, because others are forgotten.
final class LogEnds {

    /// @param incarnation the process that reported
    /// @param end where its log ends
    private record Report(UUID incarnation, LogEnd end) {}

    private final TreeMap<TopicPartition, TreeMap<Integer, Report>> byPartition = new TreeMap<>();

    void put(TopicPartition partition, int nodeId, UUID incarnation, LogEnd end) {
        byPartition
                .computeIfAbsent(partition, _ -> new TreeMap<>())
                .put(nodeId, new Report(incarnation, end));
    }

    /// What the node's current incarnation reported.
    Optional<LogEnd> of(TopicPartition partition, int nodeId, UUID incarnation) {
        var ends = byPartition.get(partition);
        return ends == null
                ? Optional.empty()
                : Optional.ofNullable(ends.get(nodeId))
                        .filter(report -> report.incarnation().equals(incarnation))
                        .map(Report::end);
    }

    /// Forgets the partitions that wait for nobody any more.
    void applied(ClusterImage image, ImageDelta delta) {
        for (var partition : delta.changedPartitions()) {
            var waits =
                    image.topics()
                            .partition(partition)
                            .filter(state -> !state.recovering().isEmpty())
                            .isPresent();
            if (!waits) {
                byPartition.remove(partition);
            }
        }
        if (!delta.deletedTopics().isEmpty()) {
            byPartition.keySet().removeIf(p -> delta.deletedTopics().containsKey(p.topicId()));
        }
    }

    void clear() {
        byPartition.clear();
    }
}
