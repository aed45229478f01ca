// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.Map;

/// A topic to create.
///
/// @param partitions 0: the cluster's default
/// @param replicationFactor 0: min(3, live brokers)
/// @param configs by key
public record NewTopic(
        String name, int partitions, int replicationFactor, Map<String, String> configs) {

    /// A topic with the cluster's defaults but for its number of partitions.
    public static NewTopic of(String name, int partitions) {
        return new NewTopic(name, partitions, 0, Map.of());
    }
}
