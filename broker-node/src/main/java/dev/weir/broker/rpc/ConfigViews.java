// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ConfigEntry;
import dev.weir.api.v1.ConfigSource;
import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.metadata.config.ConfigKey;
import dev.weir.metadata.config.ConfigKey.Level;
import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.config.ConfigResolver;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// Configuration with the source of each value, in the words of the API.
///
/// @param config this node's file
record ConfigViews(BrokerConfig config) {

    /// Every key that applies to a topic.
    List<ConfigEntry> ofTopic(ClusterImage image, TopicImage topic) {
        int replicas =
                topic.partitions().isEmpty() ? 1 : topic.partitions().getFirst().replicas().size();
        var resolver = resolver(image, config.nodeId());
        return entries(Level.TOPIC, key -> resolver.forTopic(key, topic.topicId(), replicas));
    }

    /// Every key that the cluster can set for all.
    List<ConfigEntry> ofCluster(ClusterImage image) {
        var resolver = resolver(image, config.nodeId());
        return entries(Level.CLUSTER, resolver::forCluster);
    }

    /// Every key that applies to a broker; of this node also what only its file can say.
    List<ConfigEntry> ofBroker(ClusterImage image, int nodeId) {
        var resolver = resolver(image, nodeId);
        var entries = new ArrayList<>(entries(Level.BROKER, resolver::forBroker));
        if (nodeId == config.nodeId()) {
            BrokerConfigKey.all().forEach(key -> entries.add(fixed(key)));
        }
        return entries;
    }

    private ConfigResolver resolver(ClusterImage image, int nodeId) {
        var file = nodeId == config.nodeId() ? config.dynamicDefaults() : Map.<String, String>of();
        return new ConfigResolver(image.configs(), nodeId, file);
    }

    private static List<ConfigEntry> entries(
            Level level, Function<ConfigKey, ConfigResolver.Resolved> resolve) {
        var entries = new ArrayList<ConfigEntry>();
        for (var key : ConfigKeys.all()) {
            if (key.levels().contains(level)) {
                var resolved = resolve.apply(key);
                entries.add(
                        ConfigEntry.newBuilder()
                                .setName(key.name())
                                .setValue(resolved.value())
                                .setSource(source(resolved.source()))
                                .setDefaultValue(key.defaultText())
                                .setDescription(key.doc())
                                .setDynamic(true)
                                .build());
            }
        }
        return entries;
    }

    private ConfigEntry fixed(BrokerConfigKey<?> key) {
        var defaultText = Objects.requireNonNullElse(key.defaultText(), "");
        var value = config.find(key);
        var text = value == null ? "" : value.toString();
        return ConfigEntry.newBuilder()
                .setName(key.name())
                .setValue(text)
                .setSource(
                        text.equalsIgnoreCase(defaultText)
                                ? ConfigSource.CONFIG_SOURCE_DEFAULT
                                : ConfigSource.CONFIG_SOURCE_FILE)
                .setDefaultValue(defaultText)
                .setDescription(key.doc())
                .setDynamic(false)
                .build();
    }

    private static ConfigSource source(ConfigResolver.Source source) {
        return switch (source) {
            case TOPIC -> ConfigSource.CONFIG_SOURCE_TOPIC;
            case BROKER -> ConfigSource.CONFIG_SOURCE_BROKER;
            case CLUSTER -> ConfigSource.CONFIG_SOURCE_CLUSTER;
            case FILE -> ConfigSource.CONFIG_SOURCE_FILE;
            case DEFAULT -> ConfigSource.CONFIG_SOURCE_DEFAULT;
        };
    }
}
