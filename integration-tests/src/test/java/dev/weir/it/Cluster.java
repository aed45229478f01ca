// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import dev.weir.client.ClusterDescription;
import dev.weir.client.ConnectionConfig;
import dev.weir.client.NewTopic;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/// Nodes as an operator sets them up: a file each, `weir format`, `weir server`.
///
/// **Threading:** one thread.
final class Cluster implements AutoCloseable {

    /// Where nodes run and what their files say besides the usual.
    interface Place {

        /// A node's address.
        String host(int node);

        /// Words that start a command there.
        List<String> prefix(int node);

        /// Further lines of its file.
        String lines(int node);
    }

    /// Loopback.
    static final Place HERE =
            new Place() {
                @Override
                public String host(int node) {
                    return "127.0.0.1";
                }

                @Override
                public List<String> prefix(int node) {
                    return List.of();
                }

                @Override
                public String lines(int node) {
                    return "";
                }
            };

    private final Path directory;
    private final Place place;
    private final TreeMap<Integer, ClusterNode> nodes = new TreeMap<>();
    private final TreeMap<Integer, Integer> internalPorts = new TreeMap<>();
    private final TreeMap<Integer, Integer> quorumPorts = new TreeMap<>();
    private String clusterId = "";

    private Cluster(Path directory, Place place) {
        this.directory = directory;
        this.place = place;
    }

    /// A cluster of voters that are brokers too, formatted, started, ready.
    static Cluster start(Path directory, int size) {
        return start(directory, size, HERE);
    }

    static Cluster start(Path directory, int size, Place place) {
        var cluster = new Cluster(directory, place);
        try {
            var voters = new ArrayList<String>();
            for (var id = 1; id <= size; id++) {
                voters.add(cluster.addVoter(id));
            }
            for (var node : cluster.nodes.values()) {
                append(node.config(), "quorum.voters=" + String.join(",", voters) + "\n");
            }
            cluster.nodes.values().forEach(ClusterNode::start);
            cluster.nodes.values().forEach(ClusterNode::awaitReady);
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /// Writes a file, formats.
    ///
    /// @return the entry for `quorum.voters`
    private String addVoter(int id) {
        var node = write(id);
        var formatted =
                clusterId.isEmpty()
                        ? node.format("--new-cluster")
                        : node.format("--cluster-id", clusterId);
        clusterId = formatted.get("clusterId").getAsString();
        return formatted.get("voter").getAsString();
    }

    /// A broker that is no voter, formatted, started, ready.
    ClusterNode addBroker(int id) {
        var node = write(id);
        var bootstrap =
                internalPorts.entrySet().stream()
                        .filter(entry -> entry.getKey() != id)
                        .map(entry -> place.host(entry.getKey()) + ":" + entry.getValue())
                        .collect(Collectors.joining(","));
        append(node.config(), "cluster.bootstrap=" + bootstrap + "\n");
        node.format("--cluster-id", clusterId);
        node.start();
        node.awaitReady();
        return node;
    }

    private ClusterNode write(int id) {
        var home = directory.resolve("node-" + id);
        var host = place.host(id);
        var port = freePort();
        quorumPorts.put(id, freePort());
        internalPorts.put(id, freePort());
        var config = home.resolve("weir.properties");
        try {
            Files.createDirectories(home);
            Files.writeString(
                    config,
                    """
                    node.id=%d
                    data.dir=data
                    listen.address=%s:%d
                    quorum.listen.address=%s:%d
                    internal.listen.address=%s:%d
                    %s
                    """
                            .formatted(
                                    id,
                                    host,
                                    port,
                                    host,
                                    quorumPorts.get(id),
                                    host,
                                    internalPorts.get(id),
                                    place.lines(id)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var node = new ClusterNode(id, host, port, config, place.prefix(id));
        nodes.put(id, node);
        return node;
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, Files.readString(file) + text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Below the range that the system gives to outgoing connections, which could take the port
    /// before the node does.
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException _) {
                // Taken: try another one.
            }
        }
    }

    String clusterId() {
        return clusterId;
    }

    ClusterNode node(int id) {
        var node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    Collection<ClusterNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /// Where a voter talks to the others.
    String quorumAddress(int id) {
        return place.host(id) + ":" + quorumPorts.get(id);
    }

    /// All nodes' addresses.
    String bootstrap() {
        return nodes.values().stream().map(ClusterNode::address).collect(Collectors.joining(","));
    }

    /// A client that knows all nodes.
    WeirClient connect() {
        return WeirClient.connect(connection());
    }

    /// How a client that knows all nodes connects.
    ConnectionConfig connection() {
        return ConnectionConfig.of(bootstrap());
    }

    /// Runs a client command against this cluster.
    Cli.Result run(String... arguments) {
        return Cli.run(withBootstrap(arguments));
    }

    String[] withBootstrap(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--bootstrap", bootstrap()));
        return all.toArray(String[]::new);
    }

    /// Makes a topic of three replicas a partition and waits until all are in sync, and every node
    /// knows it.
    void createTopic(WeirClient client, String topic, int partitions) {
        client.admin().createTopic(new NewTopic(topic, partitions, 3, Map.of()), false);
        awaitInSync(client, topic);
        for (var node : nodes.values()) {
            if (node.isAlive()) {
                try (var near = WeirClient.connect(ConnectionConfig.of(node.address()))) {
                    Await.until(
                            "node %d knows topic %s".formatted(node.id(), topic),
                            () -> !partitions(near, topic).isEmpty());
                }
            }
        }
    }

    /// Makes topics until one's first partition has such a leader.
    ///
    /// @param isLedByController whether the leader is the active controller
    /// @return the topic's name
    String createTopicLedBy(WeirClient client, String name, boolean isLedByController) {
        for (var i = 1; i <= 12; i++) {
            var topic = name + "-" + i;
            createTopic(client, topic, 1);
            if ((leader(client, topic, 0) == controller(client)) == isLedByController) {
                return topic;
            }
        }
        throw new AssertionError("no topic has the leader that is wanted");
    }

    /// Waits until every replica of a topic is in sync.
    void awaitInSync(WeirClient client, String topic) {
        Await.until(
                "all replicas of " + topic + " in sync",
                () ->
                        partitions(client, topic).stream()
                                .allMatch(
                                        partition ->
                                                partition.leader().isPresent()
                                                        && partition.isr().size()
                                                                == partition.replicas().size()));
    }

    /// Waits until every node that runs is registered and unfenced, and a controller is active.
    void awaitServing(WeirClient client) {
        var alive = nodes.values().stream().filter(ClusterNode::isAlive).map(ClusterNode::id);
        var wanted = alive.collect(Collectors.toSet());
        Await.until(
                "nodes " + wanted + " unfenced",
                () -> {
                    var cluster = client.admin().describeCluster();
                    return cluster.controllerId().isPresent()
                            && cluster.brokers().stream()
                                    .filter(broker -> !broker.isFenced())
                                    .map(ClusterDescription.Broker::nodeId)
                                    .collect(Collectors.toSet())
                                    .equals(wanted);
                });
    }

    static List<TopicDescription.Partition> partitions(WeirClient client, String topic) {
        return client.admin().describeTopic(topic).partitions();
    }

    /// Who leads.
    int leader(WeirClient client, String topic, int partition) {
        var leader = new OptionalInt[] {OptionalInt.empty()};
        Await.until(
                "a leader of " + topic,
                () -> {
                    leader[0] = partitions(client, topic).get(partition).leader();
                    return leader[0].isPresent();
                });
        return leader[0].getAsInt();
    }

    /// The active controller.
    int controller(WeirClient client) {
        var controller = new OptionalInt[] {OptionalInt.empty()};
        Await.until(
                "an active controller",
                () -> {
                    controller[0] = client.admin().describeCluster().controllerId();
                    return controller[0].isPresent();
                });
        return controller[0].getAsInt();
    }

    /// Starts a node that ended, and waits.
    void restart(int id) {
        node(id).start();
        node(id).awaitReady();
    }

    /// SIGTERM to all, then waits for all.
    void terminateAll() {
        nodes.values().forEach(ClusterNode::signalTerminate);
        nodes.values().forEach(ClusterNode::awaitEnd);
    }

    @Override
    public void close() {
        for (var node : nodes.values()) {
            if (node.isAlive()) {
                node.kill();
            }
        }
    }
}
