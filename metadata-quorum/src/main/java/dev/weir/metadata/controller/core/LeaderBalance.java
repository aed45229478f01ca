// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.BrokerRules;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Gives leaderships back to preferred leaders, from time to time, as Kafka does: a node that was
/// away leads nothing, and nothing else would ever change that.
///
/// A node gets back what it can lead once more than a share of its partitions is led elsewhere; one
/// that is stuck, stopping or drained gets nothing. Owned by the controller.
final class LeaderBalance {

    private long lastCheckMs;

    /// The first check comes one interval from now: nodes come back one after the other.
    void start(long nowMs) {
        lastCheckMs = nowMs;
    }

    /// @return changes for one batch; what it cannot take waits for the next tick
    List<MetadataRecord> tick(DecisionContext context, long nowMs) {
        var intervalMs = BrokerRules.imbalanceCheckMs(context.image().configs());
        if (nowMs - lastCheckMs < intervalMs) {
            return List.of();
        }
        var records = moves(context);
        if (records.size() < Upkeep.RECORDS_MAX) {
            lastCheckMs = nowMs;
        }
        return records;
    }

    private static List<MetadataRecord> moves(DecisionContext context) {
        var deprived = deprived(context);
        var records = new ArrayList<MetadataRecord>();
        for (var topic : context.image().topics().all()) {
            for (var partition = 0; partition < topic.partitions().size(); partition++) {
                var state = topic.partitions().get(partition);
                if (records.size() < Upkeep.RECORDS_MAX
                        && deprived.contains(state.replicas().getFirst())) {
                    var topicId = topic.topicId();
                    var index = partition;
                    OrderedElection.preferred(new TopicPartition(topicId, index), state, context)
                            .map(next -> Membership.asOneChangeOf(state, next))
                            .map(next -> PartitionChanged.to(topicId, index, next))
                            .ifPresent(records::add);
                }
            }
        }
        return records;
    }

    /// Nodes of whose partitions too many are led elsewhere.
    private static SortedSet<Integer> deprived(DecisionContext context) {
        var preferred = new TreeMap<Integer, Integer>();
        var elsewhere = new TreeMap<Integer, Integer>();
        for (var topic : context.image().topics().all()) {
            for (var state : topic.partitions()) {
                var nodeId = state.replicas().getFirst();
                preferred.merge(nodeId, 1, Integer::sum);
                elsewhere.merge(nodeId, state.isLedBy(nodeId) ? 0 : 1, Integer::sum);
            }
        }
        var percent = BrokerRules.imbalancePercent(context.image().configs());
        var deprived = new TreeSet<Integer>();
        preferred.forEach(
                (nodeId, count) -> {
                    var moved = elsewhere.getOrDefault(nodeId, 0);
                    if (100L * moved > percent * count) {
                        deprived.add(nodeId);
                    }
                });
        return deprived;
    }
}
