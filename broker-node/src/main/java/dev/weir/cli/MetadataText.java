// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.api.v1.BrokerDescription;
import dev.weir.api.v1.MetadataChange;
import dev.weir.api.v1.MetadataImage;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.ScopedConfig;

import java.util.ArrayList;
import java.util.List;

/// The metadata in lines for people.
final class MetadataText {

    private MetadataText() {}

    /// All of it, at an offset.
    static List<String> image(long offset, MetadataImage image) {
        var lines = new ArrayList<String>();
        lines.add(
                "offset %d: cluster %s, feature level %d, next producer id %d"
                        .formatted(
                                offset,
                                image.getClusterId(),
                                image.getFeatureLevel(),
                                image.getNextProducerId()));
        image.getBrokersList().forEach(broker -> lines.add("  " + broker(broker)));
        for (var topic : image.getTopicsList()) {
            lines.add(
                    "  topic %s (%s), %s"
                            .formatted(
                                    topic.getName(),
                                    ProtoJson.id(topic.getId()),
                                    partitions(topic.getPartitionsCount())));
            topic.getPartitionsList().forEach(one -> lines.add("    " + partition(one)));
        }
        image.getConfigsList().forEach(config -> lines.add("  " + config(config)));
        return lines;
    }

    /// What happened, in one line without its offset.
    static String change(MetadataChange change) {
        return switch (change.getChangeCase()) {
            case TOPIC_CREATED -> {
                var topic = change.getTopicCreated();
                yield "topic %s created, %s"
                        .formatted(topic.getName(), partitions(topic.getPartitionsCount()));
            }
            case TOPIC_DELETED -> "topic %s deleted".formatted(change.getTopicDeleted().getName());
            case PARTITION_CHANGED -> {
                var changed = change.getPartitionChanged();
                yield "topic %s, %s"
                        .formatted(changed.getTopic(), partition(changed.getPartition()));
            }
            case BROKER_CHANGED -> broker(change.getBrokerChanged());
            case BROKER_REMOVED -> "node %d removed".formatted(change.getBrokerRemoved());
            case CONFIG_CHANGED -> config(change.getConfigChanged());
            case CONTROLLER_ACTIVATED ->
                    "controller active in term " + change.getControllerActivated().getTerm();
            case PRODUCER_IDS_ALLOCATED_UP_TO ->
                    "producer ids below %d given out"
                            .formatted(change.getProducerIdsAllocatedUpTo());
            case FEATURE_LEVEL_CHANGED -> "feature level " + change.getFeatureLevelChanged();
            case CHANGE_NOT_SET -> "a change that this program does not know: use a newer one";
        };
    }

    private static String partitions(int count) {
        return count == 1 ? "1 partition" : count + " partitions";
    }

    private static String partition(PartitionDescription one) {
        return "partition %d: leader %s, epoch %d, replicas %s, in sync %s"
                .formatted(
                        one.getPartition(),
                        one.hasLeader() ? one.getLeader() : "none",
                        one.getLeaderEpoch(),
                        one.getReplicasList(),
                        one.getIsrList());
    }

    private static String broker(BrokerDescription broker) {
        return "node %d at %s: %s"
                .formatted(
                        broker.getNodeId(),
                        broker.getAddress(),
                        broker.getFenced() ? "fenced" : "serving");
    }

    private static String config(ScopedConfig config) {
        return config.getValue().isEmpty()
                ? "%s: %s back to its default".formatted(config.getScope(), config.getName())
                : "%s: %s=%s".formatted(config.getScope(), config.getName(), config.getValue());
    }
}
