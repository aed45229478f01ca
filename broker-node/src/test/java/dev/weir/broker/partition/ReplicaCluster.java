// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.IsrMember;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;
import dev.weir.log.sim.SimulatedDisk;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Replicas of one partition on several nodes, everything on the test's thread: links carry what
/// they are told to carry, and a controller that accepts every in-sync set.
final class ReplicaCluster {

    private static final int STEPS_MAX = 100_000;

    final TreeMap<Integer, ReplicaNode> nodes = new TreeMap<>();

    /// What was delivered, in order.
    final List<ReplicaMessage> delivered = new ArrayList<>();

    /// Bytes that a link was given and has not given back.
    int bytesHeld;

    int bytesHeldMost;

    /// Pushes that were received and not given back.
    int pushesHeld;

    /// What nodes that are started from now on take from clients.
    int batchBytesMax = PartitionServices.BATCH_BYTES_MAX;

    int minInsync = 2;
    Durability durability = Durability.FSYNC;
    int leaderId;
    int leaderEpoch;
    int partitionEpoch;
    List<Integer> isr = new ArrayList<>();

    private final TreeMap<Integer, Integer> lives = new TreeMap<>();
    private final TreeMap<String, Link> links = new TreeMap<>();
    private final ArrayDeque<Runnable> controller = new ArrayDeque<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private long nowNs = 1_000_000_000L;

    private record Carried(int from, int to, Lane lane, ReplicaMessage message) {}

    /// One direction of one lane between two nodes.
    private static final class Link {
        final ArrayDeque<Carried> queue = new ArrayDeque<>();
        boolean held;
        boolean cut;
        boolean admits = true;
    }

    ReplicaCluster(int nodeCount) {
        for (var id = 1; id <= nodeCount; id++) {
            start(id, new SimulatedDisk());
        }
    }

    /// Starts a node, another process of it if there was one.
    ReplicaNode start(int id, SimulatedDisk disk) {
        var life = lives.merge(id, 1, Integer::sum);
        var node =
                new ReplicaNode(
                        id,
                        life,
                        disk,
                        new Clocks(() -> nowNs, () -> Batches.WALL_MS),
                        new PartitionPorts(new Links(id), new Requests(id)),
                        batchBytesMax);
        nodes.put(id, node);
        return node;
    }

    ReplicaNode node(int id) {
        return nodes.get(id);
    }

    ReplicaNode leader() {
        return node(leaderId);
    }

    /// A new leader in a new epoch.
    void elect(int id, Integer... inSync) {
        leaderId = id;
        leaderEpoch++;
        partitionEpoch++;
        isr = new ArrayList<>(List.of(inSync));
        publish();
    }

    /// Shows the present state to all nodes that run.
    void publish() {
        var replicas = nodes.values().stream().map(ReplicaNode::assigned).toList();
        var assignment =
                new Assignment(
                        leaderId, leaderEpoch, partitionEpoch, replicas, isr, List.of(), false);
        var config =
                new PartitionConfig(durability, minInsync, PartitionConfig.TIMESTAMP_AHEAD_MAX_MS);
        nodes.values()
                .forEach(
                        node ->
                                node.partition.applyImage(
                                        assignment, config, ReplicaNode.LOG_CONFIG));
    }

    // ---- links

    private Link link(int from, int to, Lane lane) {
        return links.computeIfAbsent(from + ">" + to + " " + lane, _ -> new Link());
    }

    /// Lets messages wait, or go on.
    void hold(int from, int to, Lane lane, boolean held) {
        link(from, to, lane).held = held;
    }

    /// Delivers what waits on a held link, and nothing else runs.
    void deliverHeld(int from, int to, Lane lane) {
        var link = link(from, to, lane);
        while (!link.queue.isEmpty()) {
            deliver(link.queue.remove(), false);
        }
    }

    /// Loses everything between two nodes, both ways, or nothing any more.
    void cut(int one, int other, boolean cut) {
        for (var lane : Lane.values()) {
            link(one, other, lane).cut = cut;
            link(other, one, lane).cut = cut;
            if (cut) {
                node(one).partition.linkBroken(other, lane);
                node(other).partition.linkBroken(one, lane);
            }
        }
    }

    /// Holds nothing, loses nothing any more.
    void heal() {
        for (var one : nodes.keySet()) {
            for (var other : nodes.keySet()) {
                for (var lane : Lane.values()) {
                    link(one, other, lane).held = false;
                    link(one, other, lane).cut = false;
                    admit(one, other, lane, true);
                }
            }
        }
    }

    void admit(int from, int to, Lane lane, boolean admits) {
        link(from, to, lane).admits = admits;
        if (admits) {
            var resumed = List.copyOf(waiting);
            waiting.clear();
            resumed.forEach(Runnable::run);
        }
    }

    private final class Links implements ReplicaLinks {

        private final int from;

        Links(int from) {
            this.from = from;
        }

        @Override
        public void send(int toNode, Lane lane, PartitionId id, ReplicaMessage message) {
            link(from, toNode, lane).queue.add(new Carried(from, toNode, lane, message));
            if (message instanceof ReplicaMessage.Push push) {
                bytesHeld += push.batches().sizeBytes();
                bytesHeldMost = Math.max(bytesHeldMost, bytesHeld);
            }
        }

        @Override
        public boolean admits(int toNode, Lane lane, Runnable resume) {
            var link = link(from, toNode, lane);
            if (!link.admits) {
                waiting.add(resume);
            }
            return link.admits;
        }
    }

    /// As the wire does: the receiver gets a copy, the sender's bytes are given back.
    private void deliver(Carried carried, boolean lost) {
        var message = carried.message();
        if (message instanceof ReplicaMessage.Push push) {
            var copy = ByteBuffer.allocate(push.batches().sizeBytes());
            copy.put(push.batches().buffer()).flip();
            bytesHeld -= push.batches().sizeBytes();
            push.batches().release();
            message =
                    new ReplicaMessage.Push(
                            push.session(),
                            push.leaderEpoch(),
                            push.baseOffset(),
                            new Copied(copy),
                            push.highWatermark(),
                            push.logStart());
        }
        var to = nodes.get(carried.to());
        if (!lost && to != null) {
            delivered.add(message);
            to.partition.receive(carried.from(), carried.lane(), message);
        }
    }

    /// Fails when it is released twice.
    private final class Copied implements PushedBatches {

        private final ByteBuffer bytes;
        private boolean released;

        Copied(ByteBuffer bytes) {
            this.bytes = bytes;
            pushesHeld++;
        }

        @Override
        public ByteBuffer buffer() {
            if (released) {
                throw new AssertionError("bytes used after their release");
            }
            return bytes;
        }

        @Override
        public int sizeBytes() {
            return bytes.remaining();
        }

        @Override
        public void release() {
            if (released) {
                throw new AssertionError("bytes released twice");
            }
            released = true;
            pushesHeld--;
        }
    }

    // ---- controller

    private final class Requests implements ReplicaRequests {

        private final int from;

        Requests(int from) {
            this.from = from;
        }

        @Override
        public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
            var asking = node(from).partition;
            controller.add(() -> decide(proposal, asking));
        }

        private void decide(ReplicaEffect.ProposeIsr proposal, LocalPartition asking) {
            var strangers =
                    proposal.isr().stream()
                            .anyMatch(m -> !m.incarnation().equals(node(m.nodeId()).incarnation));
            if (strangers
                    || proposal.leaderEpoch() != leaderEpoch
                    || proposal.partitionEpoch() != partitionEpoch) {
                asking.isrAnswered(
                        proposal.proposalNumber(),
                        new IsrOutcome.Refused(strangers, proposal.partitionEpoch()));
                return;
            }
            partitionEpoch++;
            isr = new ArrayList<>(proposal.isr().stream().map(IsrMember::nodeId).toList());
            asking.isrAnswered(
                    proposal.proposalNumber(),
                    new IsrOutcome.Accepted(leaderEpoch, partitionEpoch, isr, List.of()));
            publish();
        }

        @Override
        public void confirmFsync(PartitionId partition, ReplicaEffect.ConfirmFsync confirmation) {}
    }

    // ---- running

    /// Runs everything until nothing is left but what is held.
    void settle() {
        for (var steps = 0; runOne(); steps++) {
            if (steps > STEPS_MAX) {
                throw new AssertionError("does not settle");
            }
        }
    }

    /// Runs some of what is there, or all of it if that is less.
    void runSome(int steps) {
        for (var i = 0; i < steps && runOne(); i++) {}
    }

    private boolean runOne() {
        for (var node : nodes.values()) {
            if (node.runOne()) {
                return true;
            }
        }
        if (!controller.isEmpty()) {
            controller.remove().run();
            return true;
        }
        for (var link : List.copyOf(links.values())) {
            if (!link.held && !link.queue.isEmpty()) {
                deliver(link.queue.remove(), link.cut);
                return true;
            }
        }
        return false;
    }

    /// Lets one tick of time pass, and runs nothing.
    void tick() {
        nowNs += 50_000_000L;
        nodes.values().forEach(node -> node.partition.tick());
    }

    /// Lets time pass, in ticks of 50 ms.
    void pass(long ms) {
        for (var passed = 0L; passed < ms; passed += 50) {
            tick();
            settle();
        }
    }
}
