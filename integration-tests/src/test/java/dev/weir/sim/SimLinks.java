// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.ReplicaLinks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

import java.nio.ByteBuffer;

/// The links between replicas, over the simulated network.
final class SimLinks implements ReplicaLinks {

    /// Bytes of a push on the network; who takes them gives them back once.
    private static final class Bytes implements PushedBatches {
        private final byte[] bytes;
        private final Checker checker;
        private boolean isReleased;

        Bytes(byte[] bytes, Checker checker) {
            this.bytes = bytes;
            this.checker = checker;
        }

        @Override
        public ByteBuffer buffer() {
            return ByteBuffer.wrap(bytes);
        }

        @Override
        public int sizeBytes() {
            return bytes.length;
        }

        @Override
        public void release() {
            if (isReleased) {
                checker.fail("W", "the bytes of a push were given back twice");
            }
            isReleased = true;
        }
    }

    private final Simulation simulation;
    private final SimNode node;

    SimLinks(Simulation simulation, SimNode node) {
        this.simulation = simulation;
        this.node = node;
    }

    @Override
    public void send(int toNode, Lane lane, PartitionId partition, ReplicaMessage message) {
        if (!(message instanceof ReplicaMessage.Push push)) {
            send(toNode, lane, partition, message, message);
            return;
        }
        var source = push.batches().buffer();
        var bytes = new byte[source.remaining()];
        source.get(bytes);
        push.batches().release();
        send(toNode, lane, partition, copy(push, bytes), copy(push, bytes.clone()));
    }

    private ReplicaMessage copy(ReplicaMessage.Push push, byte[] bytes) {
        return new ReplicaMessage.Push(
                push.session(),
                push.leaderEpoch(),
                push.baseOffset(),
                bytes.length == 0 ? PushedBatches.NONE : new Bytes(bytes, simulation.checker()),
                push.highWatermark(),
                push.logStart());
    }

    private void send(
            int toNode,
            Lane lane,
            PartitionId partition,
            ReplicaMessage message,
            ReplicaMessage again) {
        if (node.isDying() || !node.isUp()) {
            return;
        }
        var target = simulation.node(toNode);
        var what =
                switch (message) {
                    case ReplicaMessage.OpenSession _ -> "open session";
                    case ReplicaMessage.Ack _ -> "ack";
                    case ReplicaMessage.Diverged _ -> "diverged";
                    case ReplicaMessage.Reset _ -> "reset";
                    case ReplicaMessage.Push _ -> "push";
                    case ReplicaMessage.Refused _ -> "refused";
                };
        if (simulation.engine().isTracing()) {
            simulation
                    .engine()
                    .trace(
                            node.id()
                                    + "->"
                                    + toNode
                                    + " "
                                    + lane
                                    + " p"
                                    + partition.partition()
                                    + " "
                                    + message);
        }
        simulation
                .net()
                .datagram(
                        node.id(),
                        toNode,
                        lane.ordinal(),
                        new Net.Parcel(
                                target,
                                what,
                                () -> deliver(target, lane, partition, message),
                                () -> deliver(target, lane, partition, again),
                                () -> lost(target, lane)));
    }

    private void deliver(SimNode target, Lane lane, PartitionId partition, ReplicaMessage message) {
        var broker = target.broker();
        if (broker != null) {
            broker.storage()
                    .local(partition)
                    .ifPresent(local -> local.receive(node.id(), lane, message));
        }
    }

    /// A connection that lost something is broken, which may be noticed late.
    private void lost(SimNode target, Lane lane) {
        var engine = simulation.engine();
        var delayMs = engine.below(2) == 0 ? engine.below(60) : 300 + engine.below(2_000);
        breakLink(simulation, node, target, lane, delayMs);
    }

    /// Both ends hear, sooner or later, that a connection broke.
    static void breakLink(Simulation simulation, SimNode a, SimNode b, Lane lane, int delayMs) {
        notify(simulation, a, b.id(), lane, delayMs);
        notify(simulation, b, a.id(), lane, delayMs);
    }

    static void notify(Simulation simulation, SimNode node, int peer, Lane lane, int delayMs) {
        var engine = simulation.engine();
        engine.on(
                node,
                delayMs + 1 + engine.below(20),
                "link broken",
                () -> {
                    var broker = node.broker();
                    if (broker != null) {
                        broker.storage().partitions().forEach(p -> p.linkBroken(peer, lane));
                    }
                });
    }

    @Override
    public boolean admits(int toNode, Lane lane, Runnable resume) {
        var engine = simulation.engine();
        if (!simulation.net().isFaulty() || engine.below(50) > 0) {
            return true;
        }
        engine.on(node, engine.below(40), "admitted", resume);
        return false;
    }
}
