// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ReportOfflineReplicas;
import dev.weir.metadata.record.TopicPartition;

import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// Replicas that live nodes said they cannot use, by node.
///
/// Kept in memory only: a new controller hears them again. Owned by the controller; bounded by the
/// replicas of the nodes, of each of which only the newest report is kept.
final class OfflineReplicas {

    private record Report(UUID incarnation, long number, SortedSet<TopicPartition> partitions) {

        boolean isNewerThan(Report other) {
            return !incarnation.equals(other.incarnation) || number > other.number;
        }
    }

    private final TreeMap<Integer, Report> byNode = new TreeMap<>();

    /// Keeps a report of the process that is registered.
    ///
    /// @return whether it says something new
    boolean put(ReportOfflineReplicas report) {
        var next =
                new Report(
                        report.incarnation(), report.number(), new TreeSet<>(report.partitions()));
        var last = byNode.get(report.nodeId());
        if (last != null && !next.isNewerThan(last)) {
            return false;
        }
        byNode.put(report.nodeId(), next);
        return last == null
                ? !next.partitions().isEmpty()
                : !last.incarnation().equals(next.incarnation())
                        || !last.partitions().equals(next.partitions());
    }

    /// Whether the node's current process cannot use its replica.
    boolean contains(TopicPartition partition, int nodeId, UUID incarnation) {
        var report = byNode.get(nodeId);
        return report != null
                && report.incarnation().equals(incarnation)
                && report.partitions().contains(partition);
    }

    void clear() {
        byNode.clear();
    }
}
