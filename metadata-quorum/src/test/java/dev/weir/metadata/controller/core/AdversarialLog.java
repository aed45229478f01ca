// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.CommandOutcome.Committed;
import dev.weir.metadata.controller.core.ControllerEvent.BecameLeader;
import dev.weir.metadata.controller.core.ControllerEvent.EntryApplied;
import dev.weir.metadata.controller.core.ControllerEvent.LostLeadership;
import dev.weir.metadata.controller.core.ControllerEvent.ProposalFailed;
import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageSnapshotCodec;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/// Controllers on a Raft log that does everything a Raft log may do, drawn from a seed.
///
/// Terms rise; old leaders do not notice; a new leader takes over any part of any tail and may
/// commit it; a submission may be refused while the next is accepted, and may happen in a later
/// leadership of the same node than the one it was decided in; outcomes get lost; resignations and
/// failures are told late; nodes restart from snapshots.
///
/// Checks after every applied entry: equal replicas; a batch applies only on the image it was
/// decided on; what a caller was told is so.
final class AdversarialLog {

    /// @param uid names the decision; 0 for entries that decide nothing
    /// @param decidedOn uid of the last decision in the image that this one was made on
    private record Entry(long term, MetadataBatch batch, long uid, long decidedOn, Node author) {}

    private record Submission(MetadataBatch batch, long uid, long decidedOn) {}

    /// One voter with its controller.
    private final class Node {
        private ActiveController controller = newController();
        private ClusterImage image = ClusterImage.EMPTY;
        private int appliedCount;
        private long head;
        private long term;
        private boolean isReady;
        private long pendingHead;
        private List<Entry> tail = new ArrayList<>();
        private final ArrayDeque<Submission> held = new ArrayDeque<>();
        private final ArrayDeque<ControllerEvent> late = new ArrayDeque<>();
    }

    private static final MetadataBatch START = MetadataBatch.activation(1, 1);

    private final SplittableRandom random;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Entry> committed = new ArrayList<>();
    private final List<ClusterImage> reference = new ArrayList<>(List.of(ClusterImage.EMPTY));
    private final List<Long> referenceHeads = new ArrayList<>(List.of(0L));
    private final TreeMap<Long, ControllerCommand> commands = new TreeMap<>();
    private final int calm;
    private long lastTerm;
    private long lastUid;
    private long lastCommandId;
    private long nowMs = 1;
    private long lastTold = -1;

    int appliedDecisions;
    int told;
    int unknown;
    int skipped;

    AdversarialLog(long seed, int nodeCount) {
        random = new SplittableRandom(seed);
        calm = 1 + random.nextInt(12);
        for (var i = 0; i < nodeCount; i++) {
            nodes.add(new Node());
        }
    }

    /// One random step.
    void step() {
        var node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(20)) {
            case 0 -> {
                // Some runs change leaders all the time, others let them work.
                if (random.nextInt(calm) == 0) {
                    depose(random.nextBoolean() ? node : nodes.getFirst());
                }
            }
            case 1 -> elect(node);
            case 2, 3, 4 -> commit(node, 1 + random.nextInt(3));
            case 5, 6, 7, 8, 9 -> apply(node);
            case 10, 11, 12 -> submit(node, random.nextInt(4 * calm) == 0);
            case 13, 14 -> tellLate(node);
            case 15 -> tick(node);
            case 16 -> {
                if (random.nextInt(10) == 0) {
                    restart(node);
                }
            }
            default -> command(node);
        }
    }

    /// Faults stop: the newest leader commits what a caller wants.
    ///
    /// @return whether it did
    boolean settles() {
        var leader = nodes.getFirst();
        for (var node : nodes) {
            while (!node.late.isEmpty()) {
                tellLate(node);
            }
            if (node != leader) {
                depose(node);
                node.late.forEach(event -> on(node, event));
                node.late.clear();
            }
        }
        if (leader.term == 0) {
            elect(leader);
        } else if (leader.term < lastTerm) {
            depose(leader);
            tellLate(leader);
            elect(leader);
        }
        var toldBefore = told;
        for (var i = 0; i < 200 && told < toldBefore + 3; i++) {
            tick(leader);
            while (!leader.held.isEmpty()) {
                submit(leader, false);
            }
            commit(leader, leader.tail.size());
            while (leader.appliedCount < committed.size()) {
                apply(leader);
            }
            while (!leader.late.isEmpty()) {
                tellLate(leader);
            }
            if (leader.controller.isActive()) {
                command(leader);
            }
        }
        return told >= toldBefore + 3;
    }

    private static ActiveController newController() {
        return new ActiveController(ControllerSettings.DEFAULT, ConfigKeys::problem);
    }

    /// Elected with a prefix of the tail that some node has; that node need not know.
    private void elect(Node node) {
        if (node.term != 0) {
            return;
        }
        var source = nodes.get(random.nextInt(nodes.size()));
        var taken = source.tail.isEmpty() ? 0 : random.nextInt(source.tail.size() + 1);
        node.tail = new ArrayList<>(source.tail.subList(0, taken));
        node.term = ++lastTerm;
        node.isReady = false;
        node.tail.add(new Entry(node.term, START, 0, 0, node));
    }

    private void depose(Node node) {
        if (node.term != 0) {
            node.term = 0;
            node.isReady = false;
            node.late.add(new LostLeadership());
        }
    }

    private void submit(Node node, boolean isRefused) {
        var submission = node.held.poll();
        if (submission == null) {
            return;
        }
        if (isRefused || !node.isReady) {
            node.late.add(
                    new ProposalFailed(
                            submission.batch().activationId(), submission.batch().seq(), "no"));
            return;
        }
        var isDead = !committed.isEmpty() && committed.getLast().term() > node.term;
        if (!isDead) {
            node.tail.add(
                    new Entry(
                            node.term,
                            submission.batch(),
                            submission.uid(),
                            submission.decidedOn(),
                            node));
        }
    }

    /// Only the newest leader can, and only together with an entry of its own term.
    private void commit(Node node, int count) {
        var upTo = Math.min(count, node.tail.size());
        if (node.term == 0
                || node.term != lastTerm
                || upTo == 0
                || node.tail.get(upTo - 1).term() != node.term) {
            return;
        }
        for (var entry : node.tail.subList(0, upTo)) {
            committed.add(entry);
            advanceReference(entry);
        }
        node.tail = new ArrayList<>(node.tail.subList(upTo, node.tail.size()));
        for (var other : nodes) {
            if (other != node) {
                other.tail.clear();
            }
        }
    }

    private void advanceReference(Entry entry) {
        var before = reference.getLast();
        var head = referenceHeads.getLast();
        if (!isStart(entry)
                && before.apply(entry.batch(), entry.term(), committed.size())
                        instanceof Applied(var next, _)) {
            if (entry.uid() != 0 && entry.decidedOn() != head) {
                throw new AssertionError(
                        "decision "
                                + entry.uid()
                                + " was made on "
                                + entry.decidedOn()
                                + " and applied on "
                                + head);
            }
            reference.add(next);
            referenceHeads.add(entry.uid() == 0 ? head : entry.uid());
            appliedDecisions += entry.uid() == 0 ? 0 : 1;
        } else {
            skipped += isStart(entry) ? 0 : 1;
            reference.add(before);
            referenceHeads.add(head);
        }
    }

    /// A new leader's own entry, which the state machine does not see.
    private static boolean isStart(Entry entry) {
        return entry.batch() == START;
    }

    private void apply(Node node) {
        if (node.appliedCount >= committed.size()) {
            return;
        }
        if (node.term != 0 && committed.get(node.appliedCount).term() > node.term) {
            // It only gets to see such an entry by following the leader that appended it.
            depose(node);
        }
        var entry = committed.get(node.appliedCount++);
        var index = (long) node.appliedCount;
        if (isStart(entry)) {
            if (entry.term() == node.term) {
                node.isReady = true;
                // What an older leadership left behind is told before the new one.
                while (!node.late.isEmpty()) {
                    tellLate(node);
                }
                on(node, new BecameLeader(node.term, node.image));
            }
            return;
        }
        var result = node.image.apply(entry.batch(), entry.term(), index);
        if (result instanceof Applied(var next, _)) {
            node.image = next;
            node.head = entry.uid() == 0 ? node.head : entry.uid();
        }
        if (!node.image.equals(reference.get(node.appliedCount))) {
            throw new AssertionError("replicas differ after index " + index);
        }
        on(node, new EntryApplied(entry.term(), index, entry.batch(), result));
    }

    private void tellLate(Node node) {
        var event = node.late.poll();
        if (event != null) {
            on(node, event);
        }
    }

    private void tick(Node node) {
        nowMs += ControllerSettings.DEFAULT.tickMs();
        on(node, new ControllerEvent.Tick());
    }

    private void restart(Node node) {
        depose(node);
        node.late.clear();
        node.held.clear();
        node.controller = newController();
        node.tail.clear();
        node.appliedCount = random.nextInt(node.appliedCount + 1);
        node.image = throughSnapshot(reference.get(node.appliedCount));
        node.head = referenceHeads.get(node.appliedCount);
    }

    private static ClusterImage throughSnapshot(ClusterImage image) {
        try {
            var out = new ByteArrayOutputStream();
            ImageSnapshotCodec.write(image, out);
            return ImageSnapshotCodec.read(new ByteArrayInputStream(out.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void command(Node node) {
        var id = ++lastCommandId;
        var nodeId = 1 + random.nextInt(3);
        var command =
                random.nextInt(3) == 0
                        ? new ControllerCommand.AllocateProducerIds(
                                nodeId, Brokers.incarnation(nodeId))
                        : Brokers.register(
                                nodeId,
                                random.nextBoolean()
                                        ? Brokers.incarnation(nodeId)
                                        : new UUID(400, id),
                                random.nextInt(4) == 0 ? 1 : registrationOf(node, nodeId),
                                true,
                                Brokers.directory(nodeId));
        commands.put(id, command);
        on(node, new ControllerEvent.CommandReceived(id, command));
    }

    private static long registrationOf(Node node, int nodeId) {
        return node.image
                .brokers()
                .broker(nodeId)
                .map(broker -> broker.registration().registrationNumber())
                .orElse(0L);
    }

    private void on(Node node, ControllerEvent event) {
        for (var effect : node.controller.on(event, nowMs)) {
            switch (effect) {
                case ControllerEffect.Propose propose -> hold(node, propose);
                case ControllerEffect.Activated _ -> node.pendingHead = node.head;
                case ControllerEffect.Reply(var id, var outcome) -> told(node, id, outcome);
                case ControllerEffect.Renounced _,
                        ControllerEffect.Probe _,
                        ControllerEffect.SessionEnded _ -> {}
            }
        }
    }

    private void hold(Node node, ControllerEffect.Propose propose) {
        var batch = MetadataBatchCodec.decode(propose.encoded());
        if (batch.isActivation()) {
            node.held.add(new Submission(batch, 0, 0));
        } else {
            node.held.add(new Submission(batch, ++lastUid, node.pendingHead));
            node.pendingHead = lastUid;
        }
    }

    /// A committed answer is visible in the log, at the offset that it names, to everyone.
    private void told(Node node, long commandId, CommandOutcome outcome) {
        if (commands.remove(commandId) == null) {
            throw new AssertionError("command " + commandId + " answered twice");
        }
        switch (outcome) {
            case Committed(var result, var offset) -> {
                told++;
                if (offset > node.appliedCount) {
                    throw new AssertionError("told " + offset + " before it was applied");
                }
                check(result, reference.get((int) offset), offset);
            }
            case CommandOutcome.Unknown _ -> unknown++;
            case CommandOutcome.Refused _, CommandOutcome.NotController _ -> {}
        }
    }

    private void check(CommandResult result, ClusterImage image, long offset) {
        if (result instanceof CommandResult.ProducerIds(var first, var count)) {
            if (first <= lastTold || image.nextProducerId() != first + count) {
                throw new AssertionError("ids from " + first + " given out twice");
            }
            lastTold = first;
        } else if (result instanceof CommandResult.Registered(var number)) {
            var isThere =
                    image.brokers().all().stream()
                            .anyMatch(b -> b.registration().registrationNumber() == number);
            if (!isThere) {
                throw new AssertionError("registration " + number + " is not in " + offset);
            }
        } else {
            throw new AssertionError("nobody asked for " + result);
        }
    }
}
