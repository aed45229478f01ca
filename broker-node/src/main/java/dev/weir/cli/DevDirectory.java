// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;

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

/// The directory of a development cluster on this machine: a `node-N` for each node, with its
/// `weir.properties`, its `data` and its `server.log`.
final class DevDirectory {

    private static final int PORTS_PER_NODE = 4;
    private static final int INTERNAL_PORT_OFFSET = 201;
    private static final String CONFIG_NAME = "weir.properties";

    private DevDirectory() {}

    /// The configuration file of node 1, made and formatted when the directory has none yet. An
    /// existing one keeps its ports and its data.
    ///
    /// @param basePort client port; the quorum's and the metrics' port follow; 0 takes free ports
    static Path prepareNode(Path directory, int basePort) {
        var home = directory.toAbsolutePath().normalize().resolve("node-1");
        var config = home.resolve(CONFIG_NAME);
        if (Files.exists(config)) {
            return config;
        }
        var ports = basePort == 0 ? freePorts() : portsFrom(basePort);
        try {
            Files.createDirectories(home);
            // The name appears only when the node is complete, so that a broken start is begun
            // anew.
            var draft = home.resolve(CONFIG_NAME + ".new");
            Files.writeString(draft, text(ports));
            var voter = NodeFormat.format(BrokerConfig.load(draft), UUID.randomUUID());
            Files.writeString(draft, "quorum.voters=" + voter + "\n", StandardOpenOption.APPEND);
            Files.move(draft, config);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(List<Integer> ports) {
        return """
        # Written by 'weir dev'. docs/configuration.md lists every key.
        node.id=1
        data.dir=data
        listen.address=127.0.0.1:%d
        internal.listen.address=127.0.0.1:%d
        quorum.listen.address=127.0.0.1:%d
        metrics.address=127.0.0.1:%d
        """
                .formatted(ports.get(0), ports.get(3), ports.get(1), ports.get(2));
    }

    private static List<Integer> portsFrom(int basePort) {
        return List.of(basePort, basePort + 1, basePort + 2, basePort + INTERNAL_PORT_OFFSET);
    }

    private static List<Integer> freePorts() {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < PORTS_PER_NODE; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(DevDirectory::close);
        }
    }

    /// @throws CommandFailure when another process listens where the node would
    static void checkPortsAreFree(BrokerConfig config) {
        var wanted =
                new ArrayList<>(
                        List.of(
                                config.listenAddress(),
                                config.internalListenAddress(),
                                config.quorumListenAddress()));
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
            paths.sorted(Comparator.reverseOrder()).forEach(DevDirectory::deleteOne);
        } catch (IOException | UncheckedIOException e) {
            // A temporary directory that stays is no reason for a command to fail.
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
