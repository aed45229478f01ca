// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import dev.weir.metadata.image.ConfigsImage;
import dev.weir.metadata.record.ConfigScope;

/// The settings that decide where leaderships go; the same on every node.
public final class BrokerRules {

    private BrokerRules() {}

    /// Whether leaderships leave the node.
    public static boolean isDrained(ConfigsImage configs, int nodeId) {
        return configs.own(new ConfigScope.Broker(nodeId), ConfigKeys.LEADER_DRAIN.name())
                .map(Boolean::parseBoolean)
                .orElse(false);
    }

    /// How often preferred leaders are looked at, in milliseconds.
    public static long imbalanceCheckMs(ConfigsImage configs) {
        return 1_000 * number(configs, ConfigKeys.LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS);
    }

    /// Share of a node's preferred leaderships that may be elsewhere, in percent.
    public static long imbalancePercent(ConfigsImage configs) {
        return number(configs, ConfigKeys.LEADER_IMBALANCE_PER_BROKER_PERCENTAGE);
    }

    private static long number(ConfigsImage configs, ConfigKey key) {
        return Long.parseLong(
                configs.own(new ConfigScope.Cluster(), key.name()).orElse(key.defaultText()));
    }
}
