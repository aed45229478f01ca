// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import dev.weir.metadata.image.ConfigsImage;

import java.util.UUID;

/// The two settings that decide who is in sync; the same on every node.
public final class TopicRules {

    private TopicRules() {}

    /// Replicas that must be in sync for `acks=all`: the topic's or the cluster's setting, else a
    /// majority; never more than the topic has.
    ///
    /// @param configs what was set
    /// @param topicId the topic
    /// @param replicationFactor replicas of the partition
    public static int minInsyncReplicas(ConfigsImage configs, UUID topicId, int replicationFactor) {
        return configs.resolve(topicId, ConfigKeys.MIN_INSYNC_REPLICAS.name())
                .map(value -> Math.min(Integer.parseInt(value), replicationFactor))
                .orElseGet(() -> defaultMinInsync(replicationFactor));
    }

    /// Whether the topic's durability is `fsync`.
    public static boolean isFsync(ConfigsImage configs, UUID topicId) {
        return configs.resolve(topicId, ConfigKeys.DURABILITY.name())
                .orElse(ConfigKeys.DURABILITY.defaultText())
                .equals(ConfigKeys.FSYNC);
    }

    static int defaultMinInsync(int replicationFactor) {
        return replicationFactor / 2 + 1;
    }
}
