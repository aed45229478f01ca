// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.TopicCreated;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.UUID;

class ConfigKeysTest {

    private static final UUID TOPIC = new UUID(1, 2);
    private static final ConfigScope.Topic OF_TOPIC = new ConfigScope.Topic(TOPIC);
    private static final ClusterImage IMAGE =
            ClusterImage.EMPTY.with(List.of(new TopicCreated(TOPIC, "orders")));
    private static final ConfigScope CLUSTER = new ConfigScope.Cluster();

    @Test
    void everyDefaultIsAValueOfItsKey() {
        for (var key : ConfigKeys.all()) {
            if (!key.isDefaultDerived()) {
                assertThat(key.problem(key.defaultText())).as(key.name()).isEmpty();
            }
            assertThat(key.doc()).as(key.name()).endsWith(".");
            assertThat(ConfigKeys.key(key.name())).contains(key);
        }
    }

    @Test
    void refusesBadValues() {
        assertThat(ConfigKeys.problem(OF_TOPIC, "segment.bytes", "1048576")).isEmpty();
        assertThat(ConfigKeys.problem(OF_TOPIC, "segment.bytes", "1048575")).isPresent();
        assertThat(ConfigKeys.problem(OF_TOPIC, "segment.bytes", "1e9")).isPresent();
        assertThat(ConfigKeys.problem(OF_TOPIC, "segment.bytes", "")).isPresent();
        assertThat(ConfigKeys.problem(OF_TOPIC, "durability", "fsync")).isEmpty();
        assertThat(ConfigKeys.problem(OF_TOPIC, "durability", "Fsync").orElseThrow())
                .contains("one of fsync, replicated");
        assertThat(ConfigKeys.problem(OF_TOPIC, "min.insync.replicas", "0")).isPresent();
    }

    @Test
    void refusesUnknownKeysWithoutRepeatingControlCharacters() {
        assertThat(ConfigKeys.problem(OF_TOPIC, "no\u001bkey\n", "1").orElseThrow())
                .contains("'no?key?'");
        assertThat(ConfigKeys.problem(OF_TOPIC, "k".repeat(500), "1").orElseThrow().length())
                .isLessThan(150);
        assertThat(ConfigKeys.problem(OF_TOPIC, "retention.ms", "1")).isPresent();
    }

    @Test
    void refusesAKeyWhereItCannotBeSet() {
        assertThat(ConfigKeys.problem(new ConfigScope.Broker(1), "durability", "fsync"))
                .isPresent();
        assertThat(ConfigKeys.problem(new ConfigScope.Broker(1), "segment.ms", "5")).isEmpty();
        assertThat(ConfigKeys.problem(ConfigKey.Level.FILE, "durability", "fsync")).isPresent();
    }

    @Test
    void topicThenBrokerThenClusterThenFileThenDefault() {
        // Given
        var key = ConfigKeys.SEGMENT_MS;
        var none = IMAGE;
        var cluster = none.with(List.of(new ConfigSet(CLUSTER, key.name(), "3")));
        var broker =
                cluster.with(List.of(new ConfigSet(new ConfigScope.Broker(1), key.name(), "2")));
        var topic = broker.with(List.of(new ConfigSet(OF_TOPIC, key.name(), "1")));
        var file = Map.of(key.name(), "4");

        // When, Then
        assertThat(resolve(topic, file, key))
                .isEqualTo(new ConfigResolver.Resolved("1", ConfigResolver.Source.TOPIC));
        assertThat(resolve(broker, file, key))
                .isEqualTo(new ConfigResolver.Resolved("2", ConfigResolver.Source.BROKER));
        assertThat(resolve(cluster, file, key))
                .isEqualTo(new ConfigResolver.Resolved("3", ConfigResolver.Source.CLUSTER));
        assertThat(resolve(none, file, key))
                .isEqualTo(new ConfigResolver.Resolved("4", ConfigResolver.Source.FILE));
        assertThat(resolve(none, Map.of(), key).number()).isEqualTo(604_800_000L);
    }

    @Test
    void theMinimumInSyncIsAMajorityUnlessSetAndNeverMoreThanThereAre() {
        // Given
        var set = new ConfigSet(OF_TOPIC, "min.insync.replicas", "5");
        var configs = IMAGE.with(List.of(set)).configs();
        var unset = IMAGE.configs();

        // When, Then
        assertThat(TopicRules.minInsyncReplicas(unset, TOPIC, 1)).isEqualTo(1);
        assertThat(TopicRules.minInsyncReplicas(unset, TOPIC, 2)).isEqualTo(2);
        assertThat(TopicRules.minInsyncReplicas(unset, TOPIC, 3)).isEqualTo(2);
        assertThat(TopicRules.minInsyncReplicas(configs, TOPIC, 3)).isEqualTo(3);
        assertThat(
                        new ConfigResolver(unset, 1, Map.of())
                                .forTopic(ConfigKeys.MIN_INSYNC_REPLICAS, TOPIC, 3)
                                .value())
                .isEqualTo("2");
    }

    @Test
    void durabilityIsFsyncUnlessSomeoneSaysOtherwise() {
        var relaxed = IMAGE.with(List.of(new ConfigSet(CLUSTER, "durability", "replicated")));
        var again = relaxed.with(List.of(new ConfigSet(OF_TOPIC, "durability", "fsync")));

        assertThat(TopicRules.isFsync(IMAGE.configs(), TOPIC)).isTrue();
        assertThat(TopicRules.isFsync(relaxed.configs(), TOPIC)).isFalse();
        assertThat(TopicRules.isFsync(again.configs(), TOPIC)).isTrue();
    }

    private static ConfigResolver.Resolved resolve(
            ClusterImage image, Map<String, String> file, ConfigKey key) {
        return new ConfigResolver(image.configs(), 1, file).forTopic(key, TOPIC, 1);
    }
}
