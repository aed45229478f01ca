// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.ConfigScope;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.Optional;
import java.util.UUID;

/// All dynamic configuration values, as they were set; defaults are not in here.
///
/// @param byScope the values of each scope that has any, sorted by scope, then by key
public record ConfigsImage(PSortedMap<ConfigScope, PSortedMap<String, String>> byScope) {

    /// Nothing set.
    public static final ConfigsImage EMPTY = new ConfigsImage(TreePMap.empty());

    /// The values that `scope` itself has.
    public PSortedMap<String, String> of(ConfigScope scope) {
        var values = byScope.get(scope);
        return values == null ? TreePMap.empty() : values;
    }

    /// The value that counts for a topic on a broker: topic, then broker, then cluster.
    ///
    /// @return empty if none of them sets `key`
    public Optional<String> resolve(UUID topicId, int nodeId, String key) {
        return own(new ConfigScope.Topic(topicId), key)
                .or(() -> own(new ConfigScope.Broker(nodeId), key))
                .or(() -> own(new ConfigScope.Cluster(), key));
    }

    /// The value that counts for a topic wherever a broker must not differ: topic, then cluster.
    ///
    /// @return empty if neither sets `key`
    public Optional<String> resolve(UUID topicId, String key) {
        return own(new ConfigScope.Topic(topicId), key)
                .or(() -> own(new ConfigScope.Cluster(), key));
    }

    /// The value that counts for a broker: broker, then cluster.
    ///
    /// @return empty if neither sets `key`
    public Optional<String> resolve(int nodeId, String key) {
        return own(new ConfigScope.Broker(nodeId), key)
                .or(() -> own(new ConfigScope.Cluster(), key));
    }

    /// The value that `scope` itself sets for `key`.
    public Optional<String> own(ConfigScope scope, String key) {
        return Optional.ofNullable(of(scope).get(key));
    }
}
