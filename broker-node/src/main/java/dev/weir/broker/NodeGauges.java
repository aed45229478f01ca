// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.metadata.FollowedOffset;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metrics.NodeMetric;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.partition.PartitionStatus;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.rpc.NodeServices;
import dev.weir.broker.rpc.NodeState;
import dev.weir.broker.storage.DataDirectory;

import java.util.Collection;
import java.util.function.Predicate;

/// What the parts of a node show in its gauges.
final class NodeGauges {

    private NodeGauges() {}

    /// Where the values are.
    record Sources(
            NodeState state,
            DataDirectory data,
            MetadataSource metadata,
            FollowedOffset followed) {}

    static void register(NodeMetrics metrics, Sources from) {
        metrics.gauge(
                NodeMetric.NODE_READY, () -> from.state.stage() == NodeState.Stage.READY ? 1 : 0);
        metrics.gauge(NodeMetric.FLUSH_OLDEST, () -> from.data.flushTimes().oldestMs() / 1_000.0);
        metrics.gauge(NodeMetric.DIRECTORY_FAILED, () -> from.data.failed() ? 1 : 0);
        metrics.count(NodeMetric.PARTITION_COMMITTED_CUTS, from.data::committedCuts);
        metrics.gauge(NodeMetric.PARTITIONS, () -> from.data.partitions().all().size());
        metrics.gauge(
                NodeMetric.PARTITIONS_LEADING, () -> count(from.data, PartitionStatus::leading));
        metrics.gauge(
                NodeMetric.PARTITIONS_OFFLINE,
                () -> count(from.data, status -> status.offlineReason().isPresent()));
        metrics.gauge(NodeMetric.METADATA_OFFSET, () -> from.metadata.image().offset());
        metrics.gauge(NodeMetric.METADATA_FOLLOWED, from.followed::offset);
        metrics.gauge(NodeMetric.QUORUM_TERM, () -> from.metadata.status().term());
        metrics.gauge(NodeMetric.QUORUM_COMMITTED, () -> from.metadata.status().commitIndex());
        metrics.gauge(NodeMetric.QUORUM_APPLIED, () -> from.metadata.status().appliedIndex());
        metrics.gauge(
                NodeMetric.CONTROLLER_ACTIVE,
                () -> from.metadata.status().isActiveController() ? 1 : 0);
    }

    static void registerBudgets(NodeMetrics metrics, NodeServices.Budgets budgets) {
        metrics.gauge(NodeMetric.PRODUCE_BUDGET_USED, budgets.clients()::usedBytes);
        metrics.gauge(NodeMetric.FORWARDED_BUDGET_USED, budgets.nodes()::usedBytes);
    }

    static void registerLaneBudgets(NodeMetrics metrics, Collection<MemoryBudget> budgets) {
        metrics.gauge(
                NodeMetric.REPLICATION_BUDGET_USED,
                () -> budgets.stream().mapToLong(MemoryBudget::usedBytes).sum());
    }

    private static long count(DataDirectory data, Predicate<PartitionStatus> what) {
        return data.partitions().all().stream()
                .filter(partition -> what.test(partition.status()))
                .count();
    }
}
