// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import dev.weir.metadata.record.ConfigScope;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The dynamic keys that exist. A key is listed once something obeys it.
public final class ConfigKeys {

    /// The value of [#DURABILITY] that waits for stable storage.
    public static final String FSYNC = "fsync";

    /// The value of [#DURABILITY] that waits for the page caches only.
    public static final String REPLICATED = "replicated";

    private static final int MIB = 1024 * 1024;
    private static final long DAY_MS = 24 * 60 * 60 * 1000L;
    private static final int VALUE_SHOWN_MAX = 64;

    /// The controller does not see files and must not see two answers: topic or cluster only.
    private static final Set<ConfigKey.Level> AGREED =
            Set.of(ConfigKey.Level.TOPIC, ConfigKey.Level.CLUSTER);

    private static final Set<ConfigKey.Level> EVERYWHERE =
            Set.of(
                    ConfigKey.Level.TOPIC,
                    ConfigKey.Level.BROKER,
                    ConfigKey.Level.CLUSTER,
                    ConfigKey.Level.FILE);

    /// What `acks=all` waits for.
    public static final ConfigKey DURABILITY =
            new ConfigKey(
                    "durability",
                    new ConfigKey.Type.Choice(List.of(FSYNC, REPLICATED)),
                    "",
                    FSYNC,
                    false,
                    AGREED,
                    "What an acknowledgement of `acks=all` promises: `fsync`, the records are on"
                            + " stable storage of every in-sync replica; `replicated`, they are in"
                            + " its page cache.");

    /// Smallest in-sync set that takes `acks=all`.
    public static final ConfigKey MIN_INSYNC_REPLICAS =
            new ConfigKey(
                    "min.insync.replicas",
                    new ConfigKey.Type.WholeNumber(1, 1_000),
                    "",
                    "replication factor / 2 + 1",
                    true,
                    AGREED,
                    "How many replicas, the leader included, must be in sync for `acks=all` to be"
                            + " taken. More than the replication factor counts as the replication"
                            + " factor.");

    /// Where a segment ends by size.
    public static final ConfigKey SEGMENT_BYTES =
            new ConfigKey(
                    "segment.bytes",
                    new ConfigKey.Type.WholeNumber(MIB, 1024L * MIB),
                    "bytes",
                    Integer.toString(256 * MIB),
                    false,
                    EVERYWHERE,
                    "A segment of the log is closed before it would grow beyond this.");

    /// Where a segment ends by age.
    public static final ConfigKey SEGMENT_MS =
            new ConfigKey(
                    "segment.ms",
                    new ConfigKey.Type.WholeNumber(1, Long.MAX_VALUE),
                    "ms",
                    Long.toString(7 * DAY_MS),
                    false,
                    EVERYWHERE,
                    "A segment of the log is closed this long after its first record, at the next"
                            + " append.");

    /// Density of the offset index.
    public static final ConfigKey INDEX_INTERVAL_BYTES =
            new ConfigKey(
                    "index.interval.bytes",
                    new ConfigKey.Type.WholeNumber(1024, 16L * MIB),
                    "bytes",
                    "4096",
                    false,
                    EVERYWHERE,
                    "Bytes of log between two entries of a segment's index.");

    /// How far ahead a timestamp may be.
    public static final ConfigKey TIMESTAMP_AFTER_MAX_MS =
            new ConfigKey(
                    "message.timestamp.after.max.ms",
                    new ConfigKey.Type.WholeNumber(0, Long.MAX_VALUE),
                    "ms",
                    Long.toString(60 * 60 * 1000L),
                    false,
                    EVERYWHERE,
                    "Records whose timestamp lies further ahead of the broker's clock are"
                            + " refused.");

    /// Keeps leaderships off a node.
    public static final ConfigKey LEADER_DRAIN =
            new ConfigKey(
                    "leader.drain",
                    new ConfigKey.Type.Choice(List.of("true", "false")),
                    "",
                    "false",
                    false,
                    Set.of(ConfigKey.Level.BROKER),
                    "Whether leaderships leave the node, and stay away, wherever another in-sync"
                            + " replica can lead; `weir cluster drain` sets it.");

    /// How often leaderships go back to where they belong.
    public static final ConfigKey LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS =
            new ConfigKey(
                    "leader.imbalance.check.interval.seconds",
                    new ConfigKey.Type.WholeNumber(1, 7 * 24 * 3_600L),
                    "s",
                    "300",
                    false,
                    Set.of(ConfigKey.Level.CLUSTER),
                    "How often the controller looks whether nodes lead the partitions whose first"
                            + " replica they are.");

    /// How much may be elsewhere.
    public static final ConfigKey LEADER_IMBALANCE_PER_BROKER_PERCENTAGE =
            new ConfigKey(
                    "leader.imbalance.per.broker.percentage",
                    new ConfigKey.Type.WholeNumber(0, 100),
                    "%",
                    "10",
                    false,
                    Set.of(ConfigKey.Level.CLUSTER),
                    "A node gets its partitions back once more than this share of them is led"
                            + " elsewhere; 100 is never.");

    private static final TreeMap<String, ConfigKey> BY_NAME = new TreeMap<>();

    static {
        for (var key :
                List.of(
                        DURABILITY,
                        MIN_INSYNC_REPLICAS,
                        SEGMENT_BYTES,
                        SEGMENT_MS,
                        INDEX_INTERVAL_BYTES,
                        TIMESTAMP_AFTER_MAX_MS,
                        LEADER_DRAIN,
                        LEADER_IMBALANCE_CHECK_INTERVAL_SECONDS,
                        LEADER_IMBALANCE_PER_BROKER_PERCENTAGE)) {
            BY_NAME.put(key.name(), key);
        }
    }

    private ConfigKeys() {}

    /// All keys, sorted by name.
    public static Collection<ConfigKey> all() {
        return Collections.unmodifiableCollection(BY_NAME.values());
    }

    /// The key of that name.
    public static Optional<ConfigKey> key(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// Why `value` cannot be set for `key` at `scope`; the controller's configuration rules.
    ///
    /// @return one sentence; empty if it can
    public static Optional<String> problem(ConfigScope scope, String key, String value) {
        var level =
                switch (scope) {
                    case ConfigScope.Cluster _ -> ConfigKey.Level.CLUSTER;
                    case ConfigScope.Broker _ -> ConfigKey.Level.BROKER;
                    case ConfigScope.Topic _ -> ConfigKey.Level.TOPIC;
                };
        return problem(level, key, value);
    }

    /// Why `value` cannot be set for `key` at `level`.
    ///
    /// @return one sentence; empty if it can
    public static Optional<String> problem(ConfigKey.Level level, String key, String value) {
        var known = BY_NAME.get(key);
        if (known == null) {
            return Optional.of("there is no configuration key '" + shown(key) + "'");
        }
        if (!known.levels().contains(level)) {
            return Optional.of(key + " cannot be set for a " + word(level));
        }
        return known.problem(value)
                .map(problem -> key + " cannot be '" + shown(value) + "': " + problem);
    }

    private static String word(ConfigKey.Level level) {
        return switch (level) {
            case TOPIC -> "topic";
            case BROKER -> "broker";
            case CLUSTER -> "cluster";
            case FILE -> "configuration file";
        };
    }

    /// Untrusted text for a message: short, and without what a terminal or a log might obey.
    private static String shown(String text) {
        var shown = new StringBuilder();
        text.codePoints()
                .limit(VALUE_SHOWN_MAX)
                .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return text.length() > VALUE_SHOWN_MAX ? shown + "..." : shown.toString();
    }
}
