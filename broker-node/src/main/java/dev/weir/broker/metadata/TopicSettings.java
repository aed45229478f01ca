// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.log.LogConfig;
import dev.weir.metadata.config.ConfigKey;
import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.config.ConfigResolver;
import dev.weir.metadata.config.TopicRules;
import dev.weir.metadata.image.ClusterImage;

import java.util.Map;
import java.util.UUID;

/// What a topic's partitions on this node obey: the image's values over the file's over the
/// defaults.
///
/// @param partition for the replica
/// @param log for its log
public record TopicSettings(PartitionConfig partition, LogConfig log) {

    /// What counts for one topic.
    ///
    /// @param file the broker's own values of dynamic keys
    /// @param replicationFactor replicas of the topic's partitions
    public static TopicSettings of(
            ClusterImage image,
            int nodeId,
            Map<String, String> file,
            UUID topicId,
            int replicationFactor) {
        var resolver = new ConfigResolver(image.configs(), nodeId, file);
        var durability =
                TopicRules.isFsync(image.configs(), topicId)
                        ? Durability.FSYNC
                        : Durability.REPLICATED;
        int minInsync = TopicRules.minInsyncReplicas(image.configs(), topicId, replicationFactor);
        var ask = new Ask(resolver, topicId, replicationFactor);
        return new TopicSettings(
                new PartitionConfig(
                        durability, minInsync, ask.number(ConfigKeys.TIMESTAMP_AFTER_MAX_MS)),
                new LogConfig(
                        Math.toIntExact(ask.number(ConfigKeys.SEGMENT_BYTES)),
                        ask.number(ConfigKeys.SEGMENT_MS),
                        Math.toIntExact(ask.number(ConfigKeys.INDEX_INTERVAL_BYTES))));
    }

    private record Ask(ConfigResolver resolver, UUID topicId, int replicationFactor) {

        long number(ConfigKey key) {
            return resolver.forTopic(key, topicId, replicationFactor).number();
        }
    }
}
