// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.HostPort;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The directory of a development cluster on this machine: a `node-N` for each node, with its
/// `weir.properties`, its `data` and its `server.log`.
final class DevDirectory {

    /// Most nodes of one: beyond it the ports of one kind would reach those of the next.
    static final int NODES_MAX = 99;

    /// Largest base port whose ports all exist.
    static final int BASE_PORT_MAX = 65_535 - 300 - NODES_MAX;

    private static final int PORT_KINDS = 4;
    private static final int PORTS_A_KIND = 100;
    private static final String CONFIG_NAME = "weir.properties";
    private static final String DRAFT_NAME = CONFIG_NAME + ".new";

    private DevDirectory() {}

    /// The configuration files of all nodes, by node id; made and formatted when the directory has
    /// none yet. An existing one keeps its nodes, its ports and its data.
    ///
    /// @param nodes how many; null: what an existing directory has, `nodesOfNew` in a new one
    /// @param basePort the first node's client port, the next nodes' follow; the quorum's ports
    ///   begin 101 above, the internal ones 201, the metrics' 301; 0 takes free ports
    /// @throws CommandFailure the directory has another number of nodes, or is half made
    static List<Path> prepare(
            Path directory, @Nullable Integer nodes, int nodesOfNew, int basePort) {
        var root = directory.toAbsolutePath().normalize();
        try {
            var existing = existing(root);
            if (existing.isEmpty()) {
                return create(root, nodes == null ? nodesOfNew : nodes, basePort);
            }
            if (nodes != null && nodes != existing.size()) {
                throw new CommandFailure(
                        "%s is a cluster of %d: leave out --nodes, or name another directory"
                                .formatted(root, existing.size()));
            }
            return existing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> existing(Path root) {
        var configs = new ArrayList<Path>();
        for (var id = 1; id <= NODES_MAX; id++) {
            var config = home(root, id).resolve(CONFIG_NAME);
            if (Files.exists(config)) {
                if (configs.size() != id - 1) {
                    throw new CommandFailure(
                            "%s has a node %d and no node %d: name another directory"
                                    .formatted(root, id, configs.size() + 1));
                }
                configs.add(config);
            }
        }
        return configs;
    }

    /// The first node's file appears last, and only when all nodes are complete, so that a broken
    /// start is begun anew.
    private static List<Path> create(Path root, int nodes, int basePort) throws IOException {
        var ports = basePort == 0 ? freePorts(nodes) : portsFrom(basePort, nodes);
        var clusterId = UUID.randomUUID();
        var voters = new ArrayList<String>();
        for (var id = 1; id <= nodes; id++) {
            var home = home(root, id);
            if (Files.exists(home.resolve(DRAFT_NAME))) {
                delete(home);
            }
            Files.createDirectories(home);
            var draft = home.resolve(DRAFT_NAME);
            Files.writeString(draft, text(id, ports.get(id - 1)));
            voters.add(NodeFormat.format(BrokerConfig.load(draft), clusterId).toString());
        }
        for (var id = 1; id <= nodes; id++) {
            Files.writeString(
                    home(root, id).resolve(DRAFT_NAME),
                    "quorum.voters=" + String.join(",", voters) + "\n",
                    StandardOpenOption.APPEND);
        }
        for (var id = nodes; id >= 1; id--) {
            var home = home(root, id);
            Files.move(home.resolve(DRAFT_NAME), home.resolve(CONFIG_NAME));
        }
        return existing(root);
    }

    private static Path home(Path root, int id) {
        return root.resolve("node-" + id);
    }

    private static String text(int id, NodePorts ports) {
        return """
        # Written by 'weir dev'. docs/configuration.md lists every key.
        node.id=%d
        data.dir=data
        listen.address=127.0.0.1:%d
        quorum.listen.address=127.0.0.1:%d
        internal.listen.address=127.0.0.1:%d
        metrics.address=127.0.0.1:%d
        """
                .formatted(id, ports.client(), ports.quorum(), ports.internal(), ports.metrics());
    }

    /// Where a node listens.
    private record NodePorts(int client, int quorum, int internal, int metrics) {}

    private static List<NodePorts> portsFrom(int basePort, int nodes) {
        return IntStream.rangeClosed(1, nodes)
                .mapToObj(
                        id ->
                                new NodePorts(
                                        basePort + id - 1,
                                        basePort + PORTS_A_KIND + id,
                                        basePort + 2 * PORTS_A_KIND + id,
                                        basePort + 3 * PORTS_A_KIND + id))
                .toList();
    }

    private static List<NodePorts> freePorts(int nodes) {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < nodes * PORT_KINDS; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            var ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
            return IntStream.range(0, nodes)
                    .mapToObj(i -> ports.subList(i * PORT_KINDS, (i + 1) * PORT_KINDS))
                    .map(four -> new NodePorts(four.get(0), four.get(1), four.get(2), four.get(3)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(DevDirectory::close);
        }
    }

    /// @throws CommandFailure when another process listens where the node would
    static void checkPortsAreFree(BrokerConfig config) {
        var wanted = new ArrayList<HostPort>();
        wanted.add(config.listenAddress());
        wanted.add(config.quorumListenAddress());
        wanted.add(config.internalListenAddress());
        var metrics = config.metricsAddress();
        if (metrics != null) {
            wanted.add(metrics);
        }
        for (var address : wanted) {
            try (var socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(address.host(), address.port()));
            } catch (IOException e) {
                throw new CommandFailure(
                        address
                                + " is in use: stop what listens there, or choose other ports with"
                                + " --base-port and a new --dir",
                        e);
            }
        }
    }

    /// Deletes a directory tree; what cannot be deleted stays.
    static void delete(Path directory) {
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // A temporary directory that stays is no reason for a command to fail.
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
