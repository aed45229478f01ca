// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.client.ClientException;
import dev.weir.client.ClusterDescription;
import dev.weir.client.NewTopic;
import dev.weir.client.WeirClient;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// Nodes on this machine, each in a process of its own.
///
/// **Threading:** any thread.
final class LocalCluster {

    /// Three nodes share a machine with those who try them out.
    private static final String HEAP_OF_SEVERAL = "256m";

    private static final String HEAP_OF_ONE = "512m";
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final TreeMap<Integer, BrokerConfig> settings = new TreeMap<>();
    private final TreeMap<Integer, Path> configs = new TreeMap<>();
    private final ConcurrentSkipListMap<Integer, NodeProcess> nodes = new ConcurrentSkipListMap<>();
    private final List<String> jvmOptions = new ArrayList<>();

    /// Starts nothing yet.
    ///
    /// @param files the nodes' configuration files
    /// @param jvmOptions of each node's JVM, besides the usual ones
    LocalCluster(List<Path> files, List<String> jvmOptions) {
        for (var file : files) {
            var config = BrokerConfig.load(file);
            settings.put(config.nodeId(), config);
            configs.put(config.nodeId(), file);
        }
        var asked = System.getenv("WEIR_HEAP");
        var usual = files.size() == 1 ? HEAP_OF_ONE : HEAP_OF_SEVERAL;
        var heap = asked == null ? usual : asked;
        this.jvmOptions.addAll(List.of("-Xms" + heap, "-Xmx" + heap));
        this.jvmOptions.addAll(jvmOptions);
    }

    /// Starts all nodes at once: alone none of them has a quorum.
    ///
    /// @param timeout until every node serves
    /// @throws CommandFailure a port is taken, or a node ended or took too long; the others run
    void start(Duration timeout) {
        settings.values().forEach(DevDirectory::checkPortsAreFree);
        var deadlineNs = System.nanoTime() + timeout.toNanos();
        configs.forEach((id, config) -> nodes.put(id, NodeProcess.start(config, jvmOptions)));
        for (var node : nodes.values()) {
            node.awaitReady(left(deadlineNs));
        }
        try (var client = WeirClient.connect(bootstrap())) {
            awaitServing(client, left(deadlineNs));
        }
    }

    /// Starts one node again. Does not wait for it.
    void restart(int id) {
        nodes.put(id, NodeProcess.start(config(id), jvmOptions));
    }

    /// Waits until every node that runs is registered and unfenced.
    void awaitServing(WeirClient client, Duration timeout) {
        var deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!areServing(client)) {
            for (var node : nodes.values()) {
                if (!node.isAlive()) {
                    throw new CommandFailure(
                            "the node of " + node.config() + " ended: " + node.lastLogLine());
                }
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new CommandFailure(
                        "not every node serves after "
                                + timeout.toSeconds()
                                + " s: see server.log beside "
                                + configs.firstEntry().getValue());
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /// Makes a topic. A node that hangs for a moment, as on a machine that does too much, may be
    /// fenced for that moment, and then there are too few for the replicas.
    void createTopic(WeirClient client, NewTopic topic, Duration timeout) {
        var deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                client.admin().createTopic(topic, false);
                return;
            } catch (ClientException.Refused e) {
                if (!e.reason().equals("INVALID_REPLICATION_FACTOR")
                        || System.nanoTime() - deadlineNs > 0) {
                    throw e;
                }
                awaitServing(client, left(deadlineNs));
            }
        }
    }

    private boolean areServing(WeirClient client) {
        try {
            var serving =
                    client.admin().describeCluster().brokers().stream()
                            .filter(broker -> !broker.isFenced())
                            .map(ClusterDescription.Broker::nodeId)
                            .collect(Collectors.toSet());
            return serving.containsAll(nodes.keySet());
        } catch (ClientException e) {
            return false;
        }
    }

    /// kill -9 of every node.
    void killAll() {
        nodes.values().forEach(NodeProcess::signalKill);
        nodes.values().forEach(NodeProcess::kill);
    }

    /// SIGTERM to every node at once, then waits; kill -9 for those that take longer than 20 s.
    void stopAll() {
        nodes.values().forEach(NodeProcess::signalStop);
        nodes.values().forEach(NodeProcess::stop);
    }

    /// The nodes' ids, ascending.
    List<Integer> ids() {
        return List.copyOf(configs.keySet());
    }

    NodeProcess node(int id) {
        return Objects.requireNonNull(nodes.get(id), "node " + id);
    }

    Path config(int id) {
        return Objects.requireNonNull(configs.get(id), "node " + id);
    }

    BrokerConfig settings(int id) {
        return Objects.requireNonNull(settings.get(id), "node " + id);
    }

    /// Where a node's clients connect.
    String address(int id) {
        return settings(id).advertisedAddress().toString();
    }

    /// All nodes' addresses, separated by commas.
    String bootstrap() {
        return ids().stream().map(this::address).collect(Collectors.joining(","));
    }

    private static Duration left(long deadlineNs) {
        return Duration.ofNanos(Math.max(1, deadlineNs - System.nanoTime()));
    }
}
