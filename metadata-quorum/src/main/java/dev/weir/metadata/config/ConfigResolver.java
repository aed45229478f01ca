// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import dev.weir.metadata.image.ConfigsImage;
import dev.weir.metadata.record.ConfigScope;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Which value of a key counts: topic, then broker, then cluster, then the broker's file, then the
/// default. Immutable; made anew for each image.
///
/// @param configs the values that were set in the cluster
/// @param nodeId the broker that asks
/// @param file the broker's file defaults by key, checked when the file was read
public record ConfigResolver(ConfigsImage configs, int nodeId, Map<String, String> file) {

    /// Where a value comes from.
    public enum Source {
        /// Set for the topic.
        TOPIC,
        /// Set for the broker.
        BROKER,
        /// Set for the cluster.
        CLUSTER,
        /// Set in the broker's file.
        FILE,
        /// Nobody set it.
        DEFAULT
    }

    /// A value and its origin.
    ///
    /// @param value in text form
    /// @param source where it comes from
    public record Resolved(String value, Source source) {

        /// The value of a key whose type is a number.
        public long number() {
            return Long.parseLong(value);
        }
    }

    /// Copies the file's values.
    public ConfigResolver {
        file = Map.copyOf(file);
    }

    /// The value that counts for a topic on this broker.
    ///
    /// @param key what is asked for
    /// @param topicId the topic
    /// @param replicationFactor its replicas, for defaults that depend on them
    public Resolved forTopic(ConfigKey key, UUID topicId, int replicationFactor) {
        return own(new ConfigScope.Topic(topicId), key, Source.TOPIC)
                .or(() -> own(new ConfigScope.Broker(nodeId), key, Source.BROKER))
                .or(() -> own(new ConfigScope.Cluster(), key, Source.CLUSTER))
                .or(() -> ofFile(key))
                .orElseGet(
                        () ->
                                new Resolved(
                                        key.isDefaultDerived()
                                                ? Integer.toString(
                                                        TopicRules.defaultMinInsync(
                                                                replicationFactor))
                                                : key.defaultText(),
                                        Source.DEFAULT));
    }

    /// The value that counts for this broker where no topic says otherwise.
    public Resolved forBroker(ConfigKey key) {
        return own(new ConfigScope.Broker(nodeId), key, Source.BROKER)
                .or(() -> own(new ConfigScope.Cluster(), key, Source.CLUSTER))
                .or(() -> ofFile(key))
                .orElseGet(() -> new Resolved(key.defaultText(), Source.DEFAULT));
    }

    /// The value that counts in the cluster where no topic, broker or file says otherwise.
    public Resolved forCluster(ConfigKey key) {
        return own(new ConfigScope.Cluster(), key, Source.CLUSTER)
                .orElseGet(() -> new Resolved(key.defaultText(), Source.DEFAULT));
    }

    private Optional<Resolved> own(ConfigScope scope, ConfigKey key, Source source) {
        return configs.own(scope, key.name()).map(value -> new Resolved(value, source));
    }

    private Optional<Resolved> ofFile(ConfigKey key) {
        return Optional.ofNullable(file.get(key.name()))
                .map(value -> new Resolved(value, Source.FILE));
    }
}
