// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.metrics.LinkMeters;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.partition.ReplicaLinks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.threads.PeriodicTask;
import dev.weir.log.PartitionId;

import io.grpc.ServerServiceDefinition;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;

/// All replication streams of a node: those that it opened to follow, and those that were opened to
/// follow it.
///
/// A message to a leader goes up the node's own stream to that node; one to a follower, down the
/// stream that the follower's node opened. What cannot go is lost, which is harmless: either the
/// partitions are told that the link broke, or they never had it.
///
/// **Threading:** any thread; nothing here blocks. [#close] before the channels and the listener.
public final class ReplicationTransport implements ReplicaLinks, AutoCloseable {

    private final LinkContext context;
    private final NodeChannels channels;
    private final ScheduledExecutorService timer;
    private final IncomingLinks incoming;
    private final Map<LinkStream.Peer, OutgoingLink> outgoing = new ConcurrentHashMap<>();
    private final Map<Integer, UUID> registered = new HashMap<>();
    private final ScheduledFuture<?> ticks;

    /// @param self this process
    /// @param inbox takes what comes
    /// @param channels the way to other nodes
    /// @param timer runs short tasks; an event loop will do
    public ReplicationTransport(
            NodeIdentity self,
            ReplicaInbox inbox,
            NodeChannels channels,
            ScheduledExecutorService timer,
            Resources resources) {
        this.context = new LinkContext(self, inbox, resources.budgets(), resources.meters());
        this.channels = channels;
        this.timer = timer;
        this.incoming = new IncomingLinks(context);
        this.ticks =
                PeriodicTask.start(
                        timer, LinkStream.TICK_MS, "ticks of replication streams", this::tick);
    }

    /// What the streams use of the node.
    ///
    /// @param budgets bytes of pushes that have come and are not written yet, for each lane: a
    ///   refill must not take the room of the in-sync replicas
    /// @param meters counts
    public record Resources(Map<Lane, MemoryBudget> budgets, LinkMeters meters) {

        public Resources {
            budgets = Map.copyOf(budgets);
            if (budgets.size() != Lane.values().length) {
                throw new IllegalArgumentException("a lane has no budget");
            }
        }
    }

    /// To be served on the internal listener.
    public ServerServiceDefinition service() {
        return incoming.service();
    }

    @Override
    public void send(int toNode, Lane lane, PartitionId partition, ReplicaMessage message) {
        var addressed = new Addressed(partition, message);
        var peer = new LinkStream.Peer(toNode, lane);
        switch (message) {
            case ReplicaMessage.ToLeader _ -> outgoing(peer).send(addressed);
            case ReplicaMessage.ToFollower _ -> {
                var stream = incoming.find(peer);
                if (stream == null) {
                    addressed.release();
                } else {
                    stream.send(addressed);
                }
            }
        }
    }

    @Override
    public boolean admits(int toNode, Lane lane, Runnable resume) {
        var peer = new LinkStream.Peer(toNode, lane);
        if (admits(peer)) {
            return true;
        }
        context.gate(peer).await(resume);
        if (admits(peer)) {
            // It opened before somebody waited.
            context.gate(peer).open();
        }
        return false;
    }

    private boolean admits(LinkStream.Peer peer) {
        var stream = incoming.find(peer);
        return stream != null && stream.admits();
    }

    /// Tells what the image says of the other nodes: streams to a former process or address of one,
    /// or of a node that is gone, end.
    ///
    /// @param incarnations the registered process of each node
    public void follow(Map<Integer, UUID> incarnations) {
        var changed = new HashMap<Integer, Optional<UUID>>();
        synchronized (registered) {
            for (var known : registered.keySet()) {
                if (!incarnations.containsKey(known)) {
                    changed.put(known, Optional.empty());
                }
            }
            incarnations.forEach(
                    (node, incarnation) -> {
                        if (!incarnation.equals(registered.get(node))) {
                            changed.put(node, Optional.of(incarnation));
                        }
                    });
            registered.clear();
            registered.putAll(incarnations);
        }
        changed.forEach(this::expect);
    }

    private void expect(int node, Optional<UUID> incarnation) {
        incoming.endIf(
                stream ->
                        stream.peer().node() == node
                                && !Optional.ofNullable(stream.peerIncarnation())
                                        .equals(incarnation),
                "the node has another process");
        var address = channels.address(node);
        outgoing.forEach(
                (peer, link) -> {
                    if (peer.node() != node) {
                        return;
                    }
                    if (address.isEmpty()) {
                        link.end("the node is gone");
                    } else {
                        link.expect(address.get(), incarnation.orElse(null));
                    }
                });
    }

    @Override
    public void close() {
        context.closed().set(true);
        ticks.cancel(false);
        outgoing.values().forEach(link -> link.end("this node stops"));
        incoming.close();
    }

    private OutgoingLink outgoing(LinkStream.Peer peer) {
        var link = outgoing.get(peer);
        return link != null
                ? link
                : outgoing.computeIfAbsent(
                        peer, one -> new OutgoingLink(one, context, channels, timer));
    }

    private void tick() {
        outgoing.values().forEach(OutgoingLink::tick);
        incoming.tick();
    }
}
