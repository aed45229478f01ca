// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.HostPort;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.metadata.quorum.MetadataQuorum;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Three real nodes on loopback, in this process, each a voter and a broker.
public final class ThreeNodes implements AutoCloseable {

    private static final int COUNT = 3;

    private final TreeMap<Integer, BrokerConfig> configs = new TreeMap<>();
    private final Map<Integer, BrokerNode> running = new LinkedHashMap<>();
    private final Map<Integer, ManagedChannel> channels = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<String> halts = new ConcurrentLinkedQueue<>();

    private ThreeNodes() {}

    /// Formats three nodes and starts none.
    ///
    /// @param overrides configuration beside the addresses and directories
    public static ThreeNodes format(Path directory, Map<String, String> overrides) {
        var cluster = new ThreeNodes();
        var clusterId = UUID.randomUUID();
        var all = new ArrayList<Map<String, String>>();
        var voters = new ArrayList<String>();
        for (int id = 1; id <= COUNT; id++) {
            int quorum = TestNode.freePort();
            var settings = new LinkedHashMap<String, String>();
            settings.put("cluster.id", clusterId.toString());
            settings.put("node.id", String.valueOf(id));
            settings.put("data.dir", directory.resolve("node-" + id).toString());
            settings.put("listen.address", "127.0.0.1:" + TestNode.freePort());
            settings.put("internal.listen.address", "127.0.0.1:" + TestNode.freePort());
            settings.put("quorum.listen.address", "127.0.0.1:" + quorum);
            settings.putAll(overrides);
            var config = BrokerConfig.of(settings);
            DataDirectory.format(
                    config.dataDir(),
                    config.metadataDir(),
                    new DirectoryIdentity(clusterId, id, UUID.randomUUID()));
            var identity = MetadataQuorum.format(config.metadataDir(), clusterId, id);
            voters.add(id + "@127.0.0.1:" + quorum + ":" + identity.directoryId());
            all.add(settings);
        }
        for (var settings : all) {
            settings.put("quorum.voters", String.join(",", voters));
            var config = BrokerConfig.of(settings);
            cluster.configs.put(config.nodeId(), config);
        }
        return cluster;
    }

    /// The same, with all of them started.
    public static ThreeNodes start(Path directory, Map<String, String> overrides) {
        var cluster = format(directory, overrides);
        try {
            cluster.startAll();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /// Starts those that do not run, at the same time, and waits until all are ready.
    public void startAll() {
        var starting = new LinkedHashMap<Integer, CompletableFuture<BrokerNode>>();
        for (var id : configs.keySet()) {
            if (!running.containsKey(id)) {
                starting.put(id, starting(id));
            }
        }
        starting.forEach((id, node) -> running.put(id, node.join()));
    }

    /// Starts one node and waits until it is ready.
    public void start(int id) {
        running.put(id, starting(id).join());
    }

    private CompletableFuture<BrokerNode> starting(int id) {
        var started = new CompletableFuture<BrokerNode>();
        Thread.ofPlatform()
                .name("start-" + id)
                .start(
                        () -> {
                            try {
                                started.complete(
                                        BrokerNode.start(
                                                configs.get(id), (reason, _) -> halts.add(reason)));
                            } catch (RuntimeException e) {
                                started.completeExceptionally(e);
                            }
                        });
        return started;
    }

    /// Starts one more node, a broker outside of the quorum, and waits until it is ready.
    public void startOutside(int id, Path directory) {
        var settings = new LinkedHashMap<String, String>();
        var voters = configs.values();
        settings.put("cluster.id", voters.iterator().next().clusterId().toString());
        settings.put("node.id", String.valueOf(id));
        settings.put("data.dir", directory.resolve("node-" + id).toString());
        settings.put("listen.address", "127.0.0.1:" + TestNode.freePort());
        settings.put("internal.listen.address", "127.0.0.1:" + TestNode.freePort());
        settings.put(
                "cluster.bootstrap",
                voters.stream()
                        .map(voter -> voter.internalListenAddress().toString())
                        .collect(Collectors.joining(",")));
        var config = BrokerConfig.of(settings);
        DataDirectory.format(
                config.dataDir(),
                config.metadataDir(),
                new DirectoryIdentity(config.clusterId(), id, UUID.randomUUID()));
        running.put(id, BrokerNode.start(config, (reason, _) -> halts.add(reason)));
    }

    /// Stops one node in order.
    public void stop(int id) {
        var channel = channels.remove(id);
        if (channel != null) {
            channel.shutdownNow();
            try {
                channel.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        running.remove(id).close();
    }

    /// Where the other nodes connect to a node.
    public HostPort internalAddress(int id) {
        return Objects.requireNonNull(configs.get(id)).internalListenAddress();
    }

    /// One running node.
    public BrokerNode node(int id) {
        return running.get(id);
    }

    /// A connection to a node's client listener.
    public ManagedChannel channel(int id) {
        return channels.computeIfAbsent(
                id,
                _ ->
                        NettyChannelBuilder.forAddress("127.0.0.1", node(id).port())
                                .usePlaintext()
                                .build());
    }

    /// Why metadata wanted a node to halt, so far.
    public Iterable<String> halts() {
        return halts;
    }

    @Override
    public void close() {
        for (var id : List.copyOf(running.keySet())) {
            stop(id);
        }
    }
}
