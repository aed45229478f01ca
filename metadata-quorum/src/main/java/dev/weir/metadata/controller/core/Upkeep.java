// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.ReplicaDirectoryChanged;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/// What the controller decides by itself: fencing, unfencing, and partitions that follow from it.
///
/// One call gives at most one batch; the controller calls until nothing is left. Every prefix of
/// the batches is a state from which the next call goes on, so another controller can take over in
/// between.
final class Upkeep {

    /// Records of one batch: far from [dev.weir.metadata.record.MetadataBatch#BYTES_MAX] at 60
    /// bytes each.
    static final int RECORDS_MAX = 4_000;

    private Upkeep() {}

    /// The next batch of upkeep.
    ///
    /// Sessions that ended together are all ended first; partitions are judged on what remains.
    ///
    /// @param context its streams are without those that ended
    /// @param ended brokers whose session ended
    /// @param heard partitions whose leader was heard, so that no member has to recover any more
    /// @return empty if nothing is left to do
    static List<MetadataRecord> next(
            DecisionContext context, SortedSet<Integer> ended, SortedSet<TopicPartition> heard) {
        var records = new ArrayList<MetadataRecord>();
        if (!context.image().features().containsKey(FeatureLevelSet.WEIR_VERSION)) {
            records.add(
                    new FeatureLevelSet(
                            FeatureLevelSet.WEIR_VERSION, FeatureLevelSet.WEIR_VERSION_LEVEL));
        }
        for (var broker : context.image().brokers().all()) {
            var number = broker.registration().registrationNumber();
            if (!broker.isFenced() && ended.contains(broker.nodeId())) {
                records.add(new BrokerFenced(broker.nodeId(), number));
            }
            if (broker.isFenced() && context.streams().contains(broker.nodeId())) {
                var moves = directoryMoves(broker.nodeId(), context, RECORDS_MAX - records.size());
                records.addAll(moves);
                if (records.size() >= RECORDS_MAX) {
                    return records;
                }
                records.add(new BrokerUnfenced(broker.nodeId(), number));
            }
        }
        var after = context.with(context.image().with(records));
        records.addAll(repairs(after, RECORDS_MAX - records.size()));
        var repaired = context.image().with(records);
        for (var id : heard) {
            var state = repaired.topics().partition(id).orElseThrow();
            if (records.size() < RECORDS_MAX && !state.recovering().isEmpty()) {
                var next = Membership.asOneChangeOf(state, Membership.withoutRecovering(state));
                records.add(PartitionChanged.to(id.topicId(), id.partition(), next));
            }
        }
        return records;
    }

    /// Changes that bring partitions in line with who is live, at most `max`.
    static List<MetadataRecord> repairs(DecisionContext context, int max) {
        var records = new ArrayList<MetadataRecord>();
        for (var topic : context.image().topics().all()) {
            for (var partition = 0; partition < topic.partitions().size(); partition++) {
                if (records.size() >= max) {
                    return records;
                }
                var id = new TopicPartition(topic.topicId(), partition);
                LeaderElector.repaired(id, topic.partitions().get(partition), context)
                        .map(next -> PartitionChanged.to(id.topicId(), id.partition(), next))
                        .ifPresent(records::add);
            }
        }
        return records;
    }

    /// Replicas of a node whose directory is gone get another one before the node is unfenced; they
    /// left ISR and ELR when the node registered.
    private static List<MetadataRecord> directoryMoves(
            int nodeId, DecisionContext context, int max) {
        var broker = context.image().brokers().broker(nodeId).orElseThrow();
        var directories = broker.registration().directories();
        var placement = new ReplicaPlacement(context.image(), List.of());
        var records = new ArrayList<MetadataRecord>();
        for (var topic : context.image().topics().all()) {
            for (var partition = 0; partition < topic.partitions().size(); partition++) {
                var state = topic.partitions().get(partition);
                if (records.size() < max
                        && state.replicas().contains(nodeId)
                        && !directories.contains(state.directoryOf(nodeId))) {
                    var directory = placement.emptiestDirectory(broker);
                    placement.count(state.withDirectory(nodeId, directory));
                    records.add(
                            new ReplicaDirectoryChanged(
                                    topic.topicId(), partition, nodeId, directory));
                }
            }
        }
        return records;
    }
}
