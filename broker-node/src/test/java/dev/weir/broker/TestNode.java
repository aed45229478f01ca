// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.broker.storage.DirectoriesOnDisk;
import dev.weir.broker.storage.DirectoryOpener;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;
import dev.weir.metadata.quorum.MetadataQuorum;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// A real node on loopback, in this process, and a channel to it.
public final class TestNode implements AutoCloseable {

    private final Map<String, String> settings;
    private final DirectoryOpener opener;
    private final ConcurrentLinkedQueue<String> halts = new ConcurrentLinkedQueue<>();
    private BrokerNode node;
    private ManagedChannel channel;

    private TestNode(Map<String, String> settings, DirectoryOpener opener) {
        this.settings = settings;
        this.opener = opener;
        this.node = BrokerNode.start(config(), (reason, _) -> halts.add(reason), opener);
        this.channel = connect();
    }

    /// Formats a directory and starts a node on it.
    ///
    /// @param overrides configuration beside the addresses and directories
    public static TestNode start(Path directory, Map<String, String> overrides) {
        var settings = settings(directory, UUID.randomUUID());
        settings.putAll(overrides);
        format(BrokerConfig.of(settings));
        return new TestNode(settings, DataDirectory::open);
    }

    /// Starts a node whose partitions are on another disk than this machine's. Its metadata are on
    /// this machine's.
    ///
    /// @param overrides configuration beside the addresses and directories
    public static TestNode startOn(Disk disk, Path directory, Map<String, String> overrides) {
        var settings = settings(directory, UUID.randomUUID());
        settings.put("metadata.dir", directory.resolve("metadata").toString());
        settings.putAll(overrides);
        var config = BrokerConfig.of(settings);
        MetadataQuorum.format(config.metadataDir(), config.clusterId(), config.nodeId());
        DirectoriesOnDisk.format(disk, config.dataDir(), config.clusterId(), config.nodeId());
        return new TestNode(settings, (at, ports) -> DirectoriesOnDisk.open(at, disk, ports));
    }

    /// Configuration of a node on free ports.
    public static Map<String, String> settings(Path directory, UUID clusterId) {
        int listen = freePort();
        int quorum = freePort();
        var settings = new LinkedHashMap<String, String>();
        settings.put("cluster.id", clusterId.toString());
        settings.put("node.id", "1");
        settings.put("data.dir", directory.resolve("data").toString());
        settings.put("listen.address", "127.0.0.1:" + listen);
        settings.put("internal.listen.address", "127.0.0.1:" + freePort());
        settings.put("quorum.listen.address", "127.0.0.1:" + quorum);
        settings.put("quorum.voters", "1@127.0.0.1:" + quorum);
        return settings;
    }

    /// Makes the directories of a configuration its node's.
    public static void format(BrokerConfig config) {
        DataDirectory.format(
                config.dataDir(),
                config.metadataDir(),
                new DirectoryIdentity(config.clusterId(), config.nodeId(), UUID.randomUUID()));
        MetadataQuorum.format(config.metadataDir(), config.clusterId(), config.nodeId());
    }

    /// What the node was started with.
    public BrokerConfig config() {
        return BrokerConfig.of(settings);
    }

    /// The running node.
    public BrokerNode node() {
        return node;
    }

    /// A connection to it.
    public ManagedChannel channel() {
        return channel;
    }

    /// Another connection.
    public ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    }

    /// Why the metadata wanted the process to halt, so far.
    public Iterable<String> halts() {
        return halts;
    }

    /// Stops the node in order and starts it again on its directories.
    public void restart() {
        restart(() -> {});
    }

    /// The same, with something that happens between stop and start.
    public void restart(Runnable between) {
        stop();
        between.run();
        node = BrokerNode.start(config(), (reason, _) -> halts.add(reason), opener);
        channel = connect();
    }

    @Override
    public void close() {
        stop();
    }

    private void stop() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        node.close();
    }

    /// A port that is free now. Below the range that the system gives to outgoing connections,
    /// which could take the port between this check and the node's start.
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException _) {
                // Taken: try another one.
            }
        }
    }
}
