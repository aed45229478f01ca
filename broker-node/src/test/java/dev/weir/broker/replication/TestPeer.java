// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.metrics.LinkMeters;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.net.EventLoops;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.rpc.GrpcServer;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.rpc.NodeState;
import dev.weir.log.PartitionId;
import dev.weir.metadata.record.Endpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// The replication part of a node, with a real listener on loopback, and an inbox that remembers.
final class TestPeer implements ReplicaInbox, LinkMeters, AutoCloseable {

    static final UUID CLUSTER = new UUID(1, 1);
    static final long LANE_BYTES = 2 << 20;

    record Received(int from, Lane lane, PartitionId partition, ReplicaMessage message) {}

    record Broken(int node, Lane lane, PartitionId partition) {}

    final ConcurrentLinkedQueue<Received> received = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Broken> broken = new ConcurrentLinkedQueue<>();
    final AtomicInteger links = new AtomicInteger();
    final AtomicLong pushedBytes = new AtomicLong();
    final Map<Lane, MemoryBudget> budgets = new EnumMap<>(Lane.class);
    final ReplicationTransport transport;
    private final int nodeId;
    private final EventLoops loops = EventLoops.start(1);
    private final NodeMetrics metrics = new NodeMetrics();
    private final NodeChannels channels;
    private final GrpcServer server;
    private volatile Consumer<Received> handler;
    private volatile Runnable onBroken = () -> {};

    /// @param addresses of all nodes; this one adds its own
    TestPeer(UUID cluster, int nodeId, UUID incarnation, Map<Integer, Endpoint> addresses) {
        this.nodeId = nodeId;
        channels = new NodeChannels(loops, node -> Optional.ofNullable(addresses.get(node)));
        for (var lane : Lane.values()) {
            budgets.put(lane, new MemoryBudget(LANE_BYTES));
        }
        handler = TestPeer::release;
        transport =
                new ReplicationTransport(
                        new NodeIdentity(cluster, nodeId, incarnation),
                        this,
                        channels,
                        loops.workers(),
                        new ReplicationTransport.Resources(budgets, this));
        var known = addresses.get(nodeId);
        try {
            server =
                    GrpcServer.start(
                            new GrpcServer.Listener(
                                    new InetSocketAddress(
                                            "127.0.0.1", known == null ? 0 : known.port()),
                                    NodeChannels.MESSAGE_BYTES_MAX,
                                    100,
                                    100,
                                    GrpcServer.Peers.NODES),
                            loops,
                            List.of(transport.service()),
                            new NodeState(),
                            metrics);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        addresses.put(nodeId, new Endpoint("127.0.0.1", server.port()));
    }

    /// Where it listens.
    Endpoint address() {
        return new Endpoint("127.0.0.1", server.port());
    }

    static TestPeer start(int nodeId, Map<Integer, Endpoint> addresses) {
        return new TestPeer(CLUSTER, nodeId, UUID.randomUUID(), addresses);
    }

    static Map<Integer, Endpoint> addresses() {
        return new ConcurrentHashMap<>();
    }

    /// Takes what comes from now on; by default pushes are released at once.
    void onReceived(Consumer<Received> next) {
        handler = next;
    }

    /// Is run whenever a partition is told of a broken link.
    void onBroken(Runnable next) {
        onBroken = next;
    }

    static void release(Received one) {
        if (one.message() instanceof ReplicaMessage.Push push) {
            push.batches().release();
        }
    }

    /// Gives back what was kept.
    void releaseAll() {
        received.forEach(TestPeer::release);
    }

    /// Says something to a leader, so that there is a stream.
    void open(int leader, Lane lane) {
        transport.send(leader, lane, Messages.PARTITION, Messages.open(lane));
    }

    /// The same, and waits until it has come.
    void connect(TestPeer leader, Lane lane) {
        int before = leader.received.size();
        open(leader.nodeId, lane);
        await("a session", () -> leader.received.size() > before);
    }

    @Override
    public void receive(int fromNode, Lane lane, PartitionId partition, ReplicaMessage message) {
        var one = new Received(fromNode, lane, partition, message);
        received.add(one);
        handler.accept(one);
    }

    @Override
    public void linkBroken(int node, Lane lane, PartitionId partition) {
        broken.add(new Broken(node, lane, partition));
        onBroken.run();
    }

    @Override
    public void links(int change) {
        links.addAndGet(change);
    }

    @Override
    public void pushed(long bytes) {
        pushedBytes.addAndGet(bytes);
    }

    @Override
    public void close() {
        transport.close();
        channels.close();
        server.close();
        loops.close();
        metrics.close();
    }

    /// Waits for it, at most 20 s.
    static void await(String what, BooleanSupplier condition) {
        long giveUpAt = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > giveUpAt) {
                throw new AssertionError("not in 20 s: " + what);
            }
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }
}
