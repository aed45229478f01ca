// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import dev.weir.broker.logging.Escape;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/// A node's static configuration: checked, complete, immutable.
///
/// Strict: an unknown key, a missing one, a bad value or a key set twice is a [ConfigException]
/// that names file, line, key and cure. Precedence of the dynamic keys is topic over broker over
/// cluster over this file; what the file says about them is in [#dynamicDefaults].
public final class BrokerConfig {

    private final Map<BrokerConfigKey<?>, Object> values;
    private final Map<String, String> dynamicDefaults;

    private BrokerConfig(
            Map<BrokerConfigKey<?>, Object> values, Map<String, String> dynamicDefaults) {
        this.values = Map.copyOf(values);
        this.dynamicDefaults = Map.copyOf(dynamicDefaults);
    }

    /// Reads and checks a file. Relative directories in it are relative to the file's directory.
    ///
    /// @throws ConfigException one line, cause and cure
    public static BrokerConfig load(Path file) {
        var parent = file.toAbsolutePath().normalize().getParent();
        var base = parent == null ? Path.of("/") : parent;
        return new Reader(ConfigFile.read(file), file, base).read();
    }

    /// Checks values that come from no file: for programs and tests. Relative directories are
    /// relative to the working directory.
    ///
    /// @throws ConfigException one line, cause and cure
    public static BrokerConfig of(Map<String, String> texts) {
        var entries = new LinkedHashMap<String, ConfigFile.Entry>();
        new TreeMap<>(texts)
                .forEach((key, text) -> entries.put(key, new ConfigFile.Entry(text, 0)));
        return new Reader(entries, Path.of("configuration"), Path.of("").toAbsolutePath()).read();
    }

    /// The value of a key that has a default or is required.
    ///
    /// @throws IllegalStateException for a key that has neither and is not set
    public <T> T get(BrokerConfigKey<T> key) {
        var value = find(key);
        if (value == null) {
            throw new IllegalStateException(key.name() + " is not set and has no default");
        }
        return value;
    }

    /// The value of a key, or null when it is not set and has no default.
    @SuppressWarnings("unchecked")
    public <T> @Nullable T find(BrokerConfigKey<T> key) {
        // The reader stored what the key's own type parsed.
        return (T) values.get(key);
    }

    private <T> T getOr(BrokerConfigKey<T> key, Supplier<T> otherwise) {
        var value = find(key);
        return value == null ? otherwise.get() : value;
    }

    /// The cluster that the node belongs to.
    ///
    /// @throws IllegalStateException when the configuration does not say, see [#withClusterId]
    public UUID clusterId() {
        return get(BrokerConfigKey.CLUSTER_ID);
    }

    /// This, with the cluster that the node's directories name.
    public BrokerConfig withClusterId(UUID clusterId) {
        var withIt = new HashMap<>(values);
        withIt.put(BrokerConfigKey.CLUSTER_ID, clusterId);
        return new BrokerConfig(withIt, dynamicDefaults);
    }

    /// The node's number in the cluster, at least 1.
    public int nodeId() {
        return get(BrokerConfigKey.NODE_ID);
    }

    /// Where partitions are stored; absolute.
    public Path dataDir() {
        return get(BrokerConfigKey.DATA_DIR);
    }

    /// Where the metadata log is stored; absolute.
    public Path metadataDir() {
        return getOr(BrokerConfigKey.METADATA_DIR, () -> dataDir().resolve("metadata"));
    }

    /// Where clients are served.
    public HostPort listenAddress() {
        return get(BrokerConfigKey.LISTEN_ADDRESS);
    }

    /// The address that clients are told.
    public HostPort advertisedAddress() {
        return getOr(BrokerConfigKey.ADVERTISED_ADDRESS, this::listenAddress);
    }

    /// Where other nodes are served.
    public HostPort internalListenAddress() {
        return get(BrokerConfigKey.INTERNAL_LISTEN_ADDRESS);
    }

    /// The address that other nodes are told.
    public HostPort internalAdvertisedAddress() {
        return getOr(BrokerConfigKey.INTERNAL_ADVERTISED_ADDRESS, this::internalListenAddress);
    }

    /// Where the quorum's other members reach this one.
    public HostPort quorumListenAddress() {
        return get(BrokerConfigKey.QUORUM_LISTEN_ADDRESS);
    }

    /// Where they are told to.
    public HostPort quorumAdvertisedAddress() {
        return getOr(BrokerConfigKey.QUORUM_ADVERTISED_ADDRESS, this::quorumListenAddress);
    }

    /// The members of the metadata quorum; empty when the configuration names none.
    public List<Voter> quorumVoters() {
        return getOr(BrokerConfigKey.QUORUM_VOTERS, List::of);
    }

    /// Whether the node takes no part in the metadata quorum, but is fed by it.
    public boolean isOutsideOfQuorum() {
        return find(BrokerConfigKey.CLUSTER_BOOTSTRAP) != null
                && quorumVoters().stream().noneMatch(voter -> voter.nodeId() == nodeId());
    }

    /// Where `/metrics` is served; null for nowhere.
    public @Nullable HostPort metricsAddress() {
        return find(BrokerConfigKey.METRICS_ADDRESS);
    }

    /// Threads that serve partitions, at least 1.
    public int workerThreads() {
        var threads = get(BrokerConfigKey.WORKER_THREADS);
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    /// Listeners that are not on loopback, each as `KEY=ADDRESS`; without TLS each is a risk that
    /// the node warns of.
    public List<String> insecureListeners() {
        var found = new ArrayList<String>();
        for (var key :
                List.of(
                        BrokerConfigKey.LISTEN_ADDRESS,
                        BrokerConfigKey.INTERNAL_LISTEN_ADDRESS,
                        BrokerConfigKey.QUORUM_LISTEN_ADDRESS,
                        BrokerConfigKey.METRICS_ADDRESS)) {
            var address = find(key);
            if (address != null && !address.isLoopback()) {
                found.add(key.name() + "=" + address);
            }
        }
        return List.copyOf(found);
    }

    /// What the file says about dynamic keys: name to text, checked. Lowest in precedence.
    public Map<String, String> dynamicDefaults() {
        return dynamicDefaults;
    }

    /// One reading: turns entries into checked values, or ends with the first problem.
    private record Reader(Map<String, ConfigFile.Entry> entries, Path file, Path base) {

        BrokerConfig read() {
            var values = new HashMap<BrokerConfigKey<?>, Object>();
            var dynamicDefaults = new TreeMap<String, String>();
            entries.forEach(
                    (name, entry) -> {
                        var key = BrokerConfigKey.named(name);
                        if (key.isPresent()) {
                            values.put(key.get(), parse(key.get(), entry));
                        } else if (DynamicKeys.isKnown(name)) {
                            dynamicDefaults.put(name, checkDynamic(name, entry));
                        } else {
                            throw unknown(name, entry);
                        }
                    });
            for (var key : BrokerConfigKey.all()) {
                var defaultText = key.defaultText();
                if (values.containsKey(key)) {
                    continue;
                }
                if (key.need() == BrokerConfigKey.Need.REQUIRED) {
                    throw new ConfigException(
                            "%s: %s is missing: add a line '%s=...' (%s)"
                                    .formatted(
                                            ConfigFile.at(file),
                                            key.name(),
                                            key.name(),
                                            key.type().range().replace("`", "")));
                }
                if (defaultText != null) {
                    values.put(key, parse(key, new ConfigFile.Entry(defaultText, 0)));
                }
            }
            var config = new BrokerConfig(values, dynamicDefaults);
            checkTogether(config);
            return config;
        }

        private Object parse(BrokerConfigKey<?> key, ConfigFile.Entry entry) {
            try {
                Object value = key.type().parser().apply(entry.text());
                return value instanceof Path path ? base.resolve(path).normalize() : value;
            } catch (IllegalArgumentException e) {
                throw new ConfigException(
                        "%s: %s=%s: %s; it takes %s"
                                .formatted(
                                        at(entry),
                                        key.name(),
                                        Escape.quote(entry.text()),
                                        e.getMessage(),
                                        key.type().range().replace("`", "")),
                        e);
            }
        }

        private String checkDynamic(String name, ConfigFile.Entry entry) {
            DynamicKeys.problem(name, entry.text())
                    .ifPresent(
                            problem -> {
                                throw new ConfigException(
                                        "%s: %s=%s: %s"
                                                .formatted(
                                                        at(entry),
                                                        name,
                                                        Escape.quote(entry.text()),
                                                        problem));
                            });
            return entry.text();
        }

        private ConfigException unknown(String name, ConfigFile.Entry entry) {
            var known = new ArrayList<String>();
            BrokerConfigKey.all().forEach(key -> known.add(key.name()));
            known.addAll(DynamicKeys.names());
            var cure =
                    NearestName.of(name, known)
                            .map(near -> "did you mean " + near + "?")
                            .orElse(
                                    "remove the line, or see docs/configuration.md for the keys"
                                            + " there are");
            return new ConfigException(
                    "%s: unknown key %s: %s".formatted(at(entry), Escape.quote(name), cure));
        }

        private void checkTogether(BrokerConfig config) {
            var insecure = config.insecureListeners();
            if (!insecure.isEmpty() && !config.get(BrokerConfigKey.INSECURE_LISTENERS)) {
                throw problem(
                        "%s is not on loopback and there is no TLS yet: use 127.0.0.1, or set insecure.listeners=true on a network you trust"
                                .formatted(insecure.getFirst()));
            }
            for (var voter : config.quorumVoters()) {
                if (voter.directoryId() == null && voter.nodeId() != config.nodeId()) {
                    throw problem(
                            "node.id=%d is not the voter that quorum.voters names (%s), and only a sole voter itself may leave out the directory id: add the one that 'weir format' printed"
                                    .formatted(config.nodeId(), voter));
                }
            }
            checkAbove(
                    config,
                    BrokerConfigKey.BROKER_SESSION_TIMEOUT_MS,
                    BrokerConfigKey.BROKER_HEARTBEAT_INTERVAL_MS);
        }

        private void checkAbove(
                BrokerConfig config, BrokerConfigKey<Long> larger, BrokerConfigKey<Long> smaller) {
            if (config.get(larger) <= config.get(smaller)) {
                throw problem(
                        "%s=%d must be above %s=%d"
                                .formatted(
                                        larger.name(),
                                        config.get(larger),
                                        smaller.name(),
                                        config.get(smaller)));
            }
        }

        private ConfigException problem(String text) {
            return new ConfigException(ConfigFile.at(file) + ": " + text);
        }

        private String at(ConfigFile.Entry entry) {
            return entry.line() == 0 ? ConfigFile.at(file) : ConfigFile.at(file, entry.line());
        }
    }
}
