// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.epoch.LeaderEpochHistory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/// Three replicas, a controller and everything that can go wrong between them, in virtual time: the
/// same seed does the same. Fails with what was broken.
final class ReplicaGroup {

    private static final long FAULTS_MS = 12_000;
    private static final long END_MS = FAULTS_MS + 30_000;
    private static final List<Integer> NODES = List.of(1, 2, 3);

    private record Ticket(int recordId) implements ProduceTicket {}

    private final GroupTime time;
    private final SplittableRandom random;
    private final Map<Integer, GroupNode> nodes = new TreeMap<>();
    final GroupController controller;
    private final GroupChecks checks;
    private final int flushMaxMs;
    private final boolean powerLoss;
    private final ReplicaLimits limits = new ReplicaLimits(1_000, 5, 10, 400);

    private long incarnations;
    private int recordIds;
    int truncations;
    int resets;
    int lostTails;

    ReplicaGroup(long seed) {
        random = new SplittableRandom(seed);
        time = new GroupTime(random);
        var isrMin = random.nextInt(4) == 0 ? 1 : 2;
        var durability = random.nextInt(3) == 0 ? Durability.REPLICATED : Durability.FSYNC;
        controller = new GroupController(NODES, isrMin, durability);
        powerLoss = durability == Durability.FSYNC && random.nextInt(3) > 0;
        flushMaxMs = time.pick(5, 30, 120);
        NODES.forEach(id -> nodes.put(id, new GroupNode(id)));
        checks = new GroupChecks(nodes, controller);
    }

    void run() {
        NODES.forEach(id -> time.at(random.nextInt(5), () -> boot(id)));
        time.at(1, this::produce);
        time.at(5, this::images);
        time.at(60, this::fault);
        time.at(FAULTS_MS, this::heal);
        time.runUntil(END_MS);
        checks.healed();
    }

    // ---- nodes

    private void boot(int id) {
        var node = node(id);
        if (node.up) {
            return;
        }
        node.up = true;
        node.registered = false;
        node.imageVersion = 0;
        node.incarnation = new UUID(100, ++incarnations);
        node.durable = node.end();
        node.feeds.clear();
        node.flushing = false;
        node.cutting = false;
        node.generation++;
        var state =
                new LogState(
                        node.start,
                        node.end(),
                        node.end(),
                        node.latestEpoch(),
                        node.savedHighWatermark);
        node.replica =
                new PartitionReplica(
                        new ReplicaIdentity(id, node.incarnation, GroupController.directory(id)),
                        state,
                        node,
                        limits);
        var incarnation = node.incarnation;
        time.at(random.nextInt(30), () -> register(id, incarnation));
        tick(id, incarnation);
    }

    private void register(int id, UUID incarnation) {
        var node = node(id);
        if (node.up && node.incarnation.equals(incarnation)) {
            controller.register(id, incarnation);
            node.registered = true;
            node.imageVersion = controller.version - 1;
            time.at(random.nextInt(20), () -> unfence(id, incarnation));
        }
    }

    private void unfence(int id, UUID incarnation) {
        if (node(id).up && incarnation.equals(controller.registered.get(id))) {
            controller.unfence(id);
        }
    }

    private void crash(int id, boolean power) {
        var node = node(id);
        if (!node.up) {
            return;
        }
        node.up = false;
        node.replica = null;
        node.generation++;
        if (power && node.end() > node.durable) {
            lostTails++;
            var kept = node.durable + random.nextInt(Math.toIntExact(node.end() - node.durable));
            node.records.subList(Math.toIntExact(kept - node.start), node.records.size()).clear();
            node.epochs = node.epochs.truncateFromEnd(kept);
        }
        var dead = node.incarnation;
        time.at(
                1 + random.nextInt(60),
                () -> {
                    if (dead.equals(controller.registered.get(id))) {
                        controller.fence(id);
                    }
                });
    }

    private void tick(int id, UUID incarnation) {
        time.at(
                40 + random.nextInt(20),
                () -> {
                    var node = node(id);
                    if (node.up && node.incarnation.equals(incarnation)) {
                        if (random.nextInt(4) == 0) {
                            node.savedHighWatermark =
                                    Math.max(node.start, node.replica().view().highWatermark());
                        }
                        if (node.replica().view().wantsTicks()) {
                            step(node, new ReplicaEvent.Tick());
                        }
                        tick(id, incarnation);
                    }
                });
    }

    private GroupNode node(int id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    // ---- faults

    private void fault() {
        if (!time.isFaulty()) {
            return;
        }
        time.at(20 + random.nextInt(300), this::fault);
        var id = 1 + random.nextInt(3);
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                crash(id, powerLoss && random.nextBoolean());
                time.at(random.nextInt(400), () -> boot(id));
            }
            case 2 -> {
                if (powerLoss && random.nextInt(4) == 0) {
                    NODES.forEach(all -> crash(all, true));
                    NODES.forEach(all -> time.at(random.nextInt(300), () -> boot(all)));
                }
            }
            case 3, 4 -> {
                var other = 1 + random.nextInt(3);
                time.cut(id, other, random.nextBoolean());
                breakLink(id, other);
            }
            case 5, 6 -> {
                time.joinAll();
            }
            case 7 -> controller.move(id);
            case 8 -> {
                if (!powerLoss && random.nextInt(3) == 0) {
                    controller.setDurability(
                            controller.durability == Durability.FSYNC
                                    ? Durability.REPLICATED
                                    : Durability.FSYNC);
                }
            }
            default -> retain(id);
        }
    }

    /// One end, the other, or both notice that a link broke.
    private void breakLink(int one, int other) {
        var lane = random.nextBoolean() ? Lane.IN_SYNC : Lane.CATCHING_UP;
        for (var pair : List.of(List.of(one, other), List.of(other, one))) {
            if (random.nextInt(4) > 0) {
                time.at(
                        random.nextInt(200),
                        () -> {
                            var node = node(pair.getFirst());
                            if (node.up) {
                                step(node, new ReplicaEvent.LinkBroken(pair.getLast(), lane));
                            }
                        });
            }
        }
    }

    /// Retention: below the high watermark and below every in-sync replica's durable end.
    private void retain(int id) {
        var node = node(id);
        if (!node.up || node.cutting) {
            return;
        }
        var view = node.replica().view();
        if (!(view.role() instanceof ReplicaRole.Leader) || random.nextBoolean()) {
            return;
        }
        var limit = Math.min(view.highWatermark(), view.durableEndOffset());
        for (var member : controller.isr) {
            limit = Math.min(limit, node(member).durable);
        }
        if (controller.leaderEpoch == view.role().leaderEpoch() && limit > node.start) {
            node.raiseStart(node.start + 1 + random.nextInt(Math.toIntExact(limit - node.start)));
        }
    }

    private void heal() {
        time.heal();
        NODES.forEach(id -> time.at(random.nextInt(40), () -> boot(id)));
    }

    // ---- what happens without faults

    private void produce() {
        time.at(5 + random.nextInt(30), this::produce);
        if (time.nowMs() > FAULTS_MS + 5_000) {
            return;
        }
        for (var node : nodes.values()) {
            if (node.up && node.replica().view().role() instanceof ReplicaRole.Leader) {
                var recordId = ++recordIds;
                step(
                        node,
                        new ReplicaEvent.Produce(
                                new Ticket(recordId),
                                new BatchSummary(-1, (short) -1, -1, 1, 0),
                                Acks.ALL,
                                OptionalInt.empty(),
                                time.nowMs() + 2_000,
                                0));
            }
        }
    }

    private void images() {
        time.at(5 + random.nextInt(20), this::images);
        var assignment = controller.assignment();
        var config = controller.config();
        var version = controller.version;
        for (var node : nodes.values()) {
            if (time.isFaulty() && random.nextInt(3) == 0) {
                continue;
            }
            var incarnation = node.incarnation;
            time.at(
                    1 + random.nextInt(time.isFaulty() ? 60 : 5),
                    () -> {
                        var current = node.up && node.incarnation.equals(incarnation);
                        if (current && node.registered && version > node.imageVersion) {
                            node.imageVersion = version;
                            step(node, new ReplicaEvent.ImageChanged(assignment, config));
                        }
                    });
        }
    }

    // ---- the shell

    private void step(GroupNode node, ReplicaEvent event) {
        var appended = false;
        for (var effect : node.replica().step(event, time.nowMs())) {
            switch (effect) {
                case ReplicaEffect.Append(var ticket, long baseOffset, int leaderEpoch) -> {
                    if (baseOffset != node.end()) {
                        throw GroupChecks.broken(
                                "append at " + baseOffset + " of a log to " + node.end());
                    }
                    node.append(new GroupNode.Rec(leaderEpoch, ((Ticket) ticket).recordId()));
                    appended = true;
                }
                case ReplicaEffect.AppendReplicated(var batches, long baseOffset) -> {
                    if (baseOffset != node.end()) {
                        throw GroupChecks.broken(
                                "push at " + baseOffset + " of a log to " + node.end());
                    }
                    ((GroupNode.Pushed) batches).records().forEach(node::append);
                    appended = true;
                }
                case ReplicaEffect.RequestFlush _ -> flush(node);
                case ReplicaEffect.AnswerProduce(var ticket, var outcome) ->
                        checks.answered(((Ticket) ticket).recordId(), outcome);
                case ReplicaEffect.Send(int toNode, var lane, var message) ->
                        time.send(
                                node.id,
                                toNode,
                                lane.name(),
                                () -> receive(node.id, toNode, message));
                case ReplicaEffect.Feed feed ->
                        node.feeds.put(
                                feed.follower(),
                                new GroupNode.Feeding(
                                        feed, node.replica().view().role().leaderEpoch()));
                case ReplicaEffect.NudgeFeed(int follower) -> {
                    if (node.feeds.containsKey(follower)) {
                        push(node, feeding(node, follower), 0);
                    }
                }
                case ReplicaEffect.StopFeed(int follower) -> node.feeds.remove(follower);
                case ReplicaEffect.TruncateTo(long offset) -> truncate(node, offset);
                case ReplicaEffect.ResetTo(var reset) -> reset(node, reset);
                case ReplicaEffect.RaiseLogStart(long offset) -> node.raiseStart(offset);
                case ReplicaEffect.ProposeIsr proposal -> propose(node, proposal);
                case ReplicaEffect.ConfirmFsync report -> {
                    var incarnation = node.incarnation;
                    time.send(
                            node.id,
                            0,
                            "c",
                            () -> controller.confirm(node.id, incarnation, report));
                }
                case ReplicaEffect.AdvanceFeed _,
                        ReplicaEffect.CommittedCut _,
                        ReplicaEffect.ReleasePushed _,
                        ReplicaEffect.WakeFetch _ -> {}
            }
        }
        if (appended) {
            step(node, new ReplicaEvent.Appended(node.end()));
        }
        pump(node);
        checks.onStep(node);
    }

    private static GroupNode.Feeding feeding(GroupNode node, int follower) {
        return Objects.requireNonNull(node.feeds.get(follower));
    }

    private void pump(GroupNode node) {
        for (var feeding : new ArrayList<>(node.feeds.values())) {
            var first = feeding.next == feeding.feed.fromOffset();
            if (feeding.next < node.start) {
                node.feeds.remove(feeding.feed.follower());
                time.at(
                        1,
                        () -> {
                            if (node.up) {
                                step(
                                        node,
                                        new ReplicaEvent.FeedBroken(
                                                feeding.feed.follower(), feeding.feed.session()));
                            }
                        });
                continue;
            }
            if (first && node.end() == feeding.next && !feeding.begun) {
                push(node, feeding, 0);
            }
            while (feeding.next < node.end()) {
                push(node, feeding, 1 + random.nextInt(3));
            }
        }
    }

    private void push(GroupNode node, GroupNode.Feeding feeding, int count) {
        feeding.begun = true;
        var records = new ArrayList<GroupNode.Rec>();
        var base = feeding.next;
        while (records.size() < count && feeding.next < node.end()) {
            records.add(node.at(feeding.next++));
        }
        var feed = feeding.feed;
        var message =
                new ReplicaMessage.Push(
                        feed.session(),
                        feeding.leaderEpoch,
                        base,
                        records.isEmpty() ? PushedBatches.NONE : new GroupNode.Pushed(records),
                        node.replica().view().highWatermark(),
                        node.start);
        time.send(
                node.id,
                feed.follower(),
                feed.lane().name(),
                () -> receive(node.id, feed.follower(), message));
    }

    private void receive(int from, int to, ReplicaMessage message) {
        var node = node(to);
        if (node.up) {
            step(node, new ReplicaEvent.Received(from, message));
        }
    }

    private void flush(GroupNode node) {
        if (node.flushing || node.cutting) {
            return;
        }
        node.flushing = true;
        var end = node.end();
        var incarnation = node.incarnation;
        var generation = node.generation;
        time.at(
                1 + random.nextInt(flushMaxMs),
                () -> {
                    if (!node.up || !node.incarnation.equals(incarnation)) {
                        return;
                    }
                    node.flushing = false;
                    if (node.generation == generation) {
                        node.durable = Math.max(node.durable, end);
                    }
                    step(node, new ReplicaEvent.FlushDone(node.durable));
                });
    }

    private void truncate(GroupNode node, long offset) {
        truncations++;
        cut(
                node,
                () -> {
                    node.truncate(offset);
                    return new ReplicaEvent.Truncated(node.end());
                });
    }

    private void reset(GroupNode node, ReplicaMessage.Reset reset) {
        resets++;
        cut(
                node,
                () -> {
                    node.reset(
                            reset.logStart(),
                            LeaderEpochHistory.decode(reset.epochHistory().duplicate()));
                    return new ReplicaEvent.ResetDone(node.start);
                });
    }

    private void cut(GroupNode node, Supplier<ReplicaEvent> work) {
        node.cutting = true;
        var incarnation = node.incarnation;
        time.at(
                1 + random.nextInt(40),
                () -> {
                    if (node.up && node.incarnation.equals(incarnation)) {
                        node.cutting = false;
                        var done = work.get();
                        checks.members("cut of " + node.id);
                        step(node, done);
                    }
                });
    }

    private void propose(GroupNode node, ReplicaEffect.ProposeIsr proposal) {
        var incarnation = node.incarnation;
        time.send(
                node.id,
                0,
                "c",
                () -> {
                    var outcome = controller.alter(node.id, incarnation, proposal);
                    checks.members("proposal of " + node.id);
                    time.send(
                            0,
                            node.id,
                            "c",
                            () -> {
                                if (node.up && node.incarnation.equals(incarnation)) {
                                    step(
                                            node,
                                            new ReplicaEvent.IsrAnswered(
                                                    proposal.proposalNumber(), outcome));
                                }
                            });
                });
    }
}
