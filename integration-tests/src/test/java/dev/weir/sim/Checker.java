// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.LocalPartition;
import dev.weir.metadata.config.TopicRules;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.PartitionState;
import dev.weir.record.RecordBatch;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// Judges a run. The first violation ends it.
///
/// | letter | what must hold |
/// |---|---|
/// | A1 | what was committed or acknowledged is on every later leader |
/// | A2 | it never changes |
/// | B1 | nobody cuts, or has something else than, what is committed |
/// | B2 | same offset and epoch, same bytes, same epoch before |
/// | C | high watermarks never fall and never lie beyond a log's end; neither do latest offsets |
/// | D | only what is committed is read; no reader is out of range |
/// | E | one leader an epoch |
/// | F1 | a record is stored once |
/// | F2 | sequences of a producer follow each other |
/// | H | once faults stop, everything heals and every client is answered |
/// | I | a restart keeps what was on stable storage |
/// | Q | every member of ISR and ELR holds everything committed, at the level that counts |
/// | R | one controller a term, decisions apply to the image they were made on, nobody goes back |
/// | S | what a leader takes for the ISR of a partition epoch is what was committed |
/// | T | nobody joins before the start of the leader's epoch |
/// | W | stale and repeated messages change nothing: judged by all of the above |
final class Checker {

    private final Simulation simulation;
    private final Counters counters;
    private final PartitionChecker[] partitions;
    private final boolean[] isUnreported;
    private final boolean[] isDamaged;
    private final boolean[] isDoomed;

    /// The last life that lost data: only the registration of a later one tells of it.
    private final long[] lostInLife;

    private final Map<Long, Integer> controllers = new HashMap<>();
    private @Nullable Violation violation;
    private int lastRecord;

    Checker(Simulation simulation) {
        this.simulation = simulation;
        this.counters = simulation.counters();
        int nodes = simulation.plan().nodes();
        this.partitions = new PartitionChecker[simulation.plan().partitions()];
        for (int partition = 0; partition < partitions.length; partition++) {
            partitions[partition] = new PartitionChecker(this, counters, partition, nodes);
        }
        this.isUnreported = new boolean[nodes + 1];
        this.isDamaged = new boolean[nodes + 1];
        this.isDoomed = new boolean[nodes + 1];
        this.lostInLife = new long[nodes + 1];
    }

    Simulation simulation() {
        return simulation;
    }

    @Nullable Violation violation() {
        return violation;
    }

    void fail(String invariant, String what) {
        if (violation == null) {
            violation = new Violation(invariant, what);
        }
    }

    /// Something threw that must not.
    void broken(String where, Throwable cause) {
        if (violation == null) {
            violation =
                    cause instanceof Violation known
                            ? known
                            : new Violation("BROKEN", where + ": " + cause, cause);
        }
    }

    int newRecord() {
        return ++lastRecord;
    }

    // ------------------------------------------------------------------ nodes

    void after(SimNode node) {
        after(node, false);
    }

    /// As [#after], of a node that broke down in the middle.
    void lastWords(SimNode node) {
        after(node, true);
    }

    private void after(SimNode node, boolean isBroken) {
        var broker = node.broker();
        if (broker == null) {
            return;
        }
        try {
            for (var local : broker.storage().partitions()) {
                var partition = partitions[local.id().partition()];
                partition.after(partition.replica(node.id()), local, isBroken);
            }
        } catch (Violation found) {
            broken("checker", found);
        }
    }

    void opened(SimNode node, LocalPartition local) {
        var partition = partitions[local.id().partition()];
        try {
            partition.opened(partition.replica(node.id()), local);
        } catch (Violation found) {
            broken("checker", found);
        }
    }

    /// Just before a process is gone: what it had reached.
    void died(SimNode node) {
        isDoomed[node.id()] = false;
        for (var partition : partitions) {
            partition.replica(node.id()).died();
        }
    }

    /// The node will lose its power soon.
    void doomed(SimNode node) {
        isDoomed[node.id()] = true;
    }

    /// What was not on stable storage may be gone.
    void lostPower(SimNode node) {
        var hadAll = hasAllOnDisk(node);
        if (!hadAll) {
            counters.powerLossesWithLoss++;
        }
        if (!hadAll && !isSafeWithoutPower(node)) {
            lost(node);
        }
        for (var partition : partitions) {
            partition.replica(node.id()).hasLostPower = true;
            partition.members("a power loss");
        }
    }

    /// The disk is an empty one.
    void wiped(SimNode node) {
        lost(node);
        for (var partition : partitions) {
            partition.replica(node.id()).wiped();
        }
    }

    /// Its disk is about to fail: whatever it holds is not counted on from now.
    void diskFails(SimNode node) {
        lost(node);
    }

    /// The disk is given back. What it has above its recovery points is not certain.
    void diskRepaired(SimNode node) {
        for (var partition : partitions) {
            partition.replica(node.id()).repaired();
        }
    }

    private void lost(SimNode node) {
        isUnreported[node.id()] = true;
        isDamaged[node.id()] = true;
        lostInLife[node.id()] = node.lives();
    }

    /// A node lost data, and the metadata has not heard of it yet.
    boolean isUnreported(int node) {
        return isUnreported[node];
    }

    // ------------------------------------------------------------------ what may be hurt

    /// Whether everything in its logs is on stable storage.
    boolean hasAllOnDisk(SimNode node) {
        for (var partition : partitions) {
            var replica = partition.replica(node.id());
            if (replica.durableEnd < replica.length) {
                return false;
            }
        }
        return !isDamaged[node.id()];
    }

    /// Whether its partitions acknowledge nothing that is not on stable storage.
    boolean isSafeWithoutPower(SimNode node) {
        if (simulation.plan().level() > 0) {
            return false;
        }
        for (var partition : partitions) {
            var state = partition.state();
            if (state != null && state.replicas().contains(node.id()) && !countsAsFsync(state)) {
                return false;
            }
        }
        return true;
    }

    boolean mayLosePower(SimNode node) {
        return isSafeWithoutPower(node) || mayLoseDisk(node);
    }

    /// Whether enough good copies are left without this one: fewer than the minimum are hurt at a
    /// time, and never the last good member of ISR and ELR.
    boolean mayLoseDisk(SimNode node) {
        for (var partition : partitions) {
            var state = partition.state();
            if (state == null) {
                return false;
            }
            if (!state.replicas().contains(node.id())) {
                continue;
            }
            int hurt = 1;
            var hasGood = false;
            for (int other : state.replicas()) {
                if (other == node.id()) {
                    continue;
                }
                hurt += isDamaged[other] || isDoomed[other] ? 1 : 0;
                var isMember = state.isr().contains(other) || state.elr().contains(other);
                hasGood |=
                        isMember
                                && !isUnreported[other]
                                && !isDoomed[other]
                                && partition.replica(other).length >= partition.committedEnd();
            }
            if (hurt > minInsync() - 1 || !hasGood) {
                return false;
            }
        }
        return true;
    }

    /// Whether a node lost data that it does not have again.
    boolean isAnyoneHurt() {
        for (var node : simulation.nodes()) {
            if (isDamaged[node.id()] || isDoomed[node.id()]) {
                return true;
            }
        }
        return false;
    }

    /// The smallest of what the topic began with, what it has now and what it may be about to get.
    int minInsync() {
        int least = simulation.plan().minInsync();
        var now =
                TopicRules.minInsyncReplicas(
                        simulation.quorum().reference().configs(),
                        simulation.topicId(),
                        Plan.REPLICATION_FACTOR);
        least = Math.min(least, now);
        return Math.min(least, simulation.operator().lowestMinInsyncOnItsWay().orElse(least));
    }

    // ------------------------------------------------------------------ metadata

    void committed(ClusterImage before, ApplyResult.Applied applied) {
        var image = applied.image();
        for (int node : applied.delta().changedBrokers()) {
            var now = image.brokers().broker(node);
            var last = before.brokers().broker(node);
            if (now.isPresent()
                    && !last.map(b -> b.incarnation()).equals(now.map(b -> b.incarnation()))) {
                var sim = simulation.node(node);
                if (now.get().incarnation().equals(sim.incarnation())
                        && sim.lives() > lostInLife[node]) {
                    isUnreported[node] = false;
                }
            }
        }
        image.topics()
                .topic(simulation.topicId())
                .ifPresent(
                        topic -> {
                            for (int i = 0; i < partitions.length; i++) {
                                var state = topic.partitions().get(i);
                                if (!state.equals(partitions[i].state())) {
                                    partitions[i].committed(state);
                                }
                            }
                        });
        if (!applied.delta().changedConfigs().isEmpty()) {
            counters.levelChanges++;
        }
        healed();
    }

    private void healed() {
        for (var node : simulation.nodes()) {
            int id = node.id();
            if (!isDamaged[id] || isUnreported[id]) {
                continue;
            }
            var isBack = true;
            for (var partition : partitions) {
                var state = partition.state();
                isBack &=
                        state == null || !state.replicas().contains(id) || state.isr().contains(id);
            }
            isDamaged[id] = !isBack;
        }
    }

    boolean isFsyncConfigured() {
        return TopicRules.isFsync(simulation.quorum().reference().configs(), simulation.topicId());
    }

    boolean countsAsFsync(PartitionState state) {
        return isFsyncConfigured() && !state.fsyncUnproven();
    }

    /// A member's replica lies in a directory that its node has.
    void isRegisteredDirectory(int node, UUID directory) {
        var broker = simulation.quorum().reference().brokers().broker(node);
        if (broker.isPresent() && !broker.get().registration().directories().contains(directory)) {
            fail("Q", "node " + node + " is a member with a directory that it has no more");
        }
    }

    void activated(int node, long term, long activationId) {
        var other = controllers.putIfAbsent(term, node);
        if (other != null && other != node) {
            fail("R", "nodes " + other + " and " + node + " decide in term " + term);
        }
    }

    /// A caller was told that something is committed.
    void told(CommandResult result, long offset) {
        var quorum = simulation.quorum();
        if (offset > quorum.committedIndex()) {
            fail("R", "told committed at " + offset + ", and it is not");
        } else if (result instanceof CommandResult.PartitionNow(var state)
                && quorum.imageAfter(offset).topics().all().stream()
                        .noneMatch(topic -> topic.partitions().contains(state))) {
            fail("R", "told a partition's state that is not the one at " + offset);
        }
    }

    // ------------------------------------------------------------------ clients

    void acknowledged(int partition, long baseOffset, int[] records) {
        partitions[partition].acknowledged(baseOffset, records);
    }

    void read(int partition, SimNode node, RecordBatch batch) {
        partitions[partition].read(node.id(), batch);
    }

    // ------------------------------------------------------------------ end

    void eachEvent() {}

    void atEnd() {
        for (var broker : simulation.quorum().reference().brokers().all()) {
            if (broker.isFenced()) {
                fail("H", "node " + broker.nodeId() + " is still fenced");
            }
        }
        for (var partition : partitions) {
            partition.atEnd();
        }
        for (var producer : simulation.producers()) {
            if (producer.unanswered() > 0) {
                fail("H", producer.unanswered() + " records are still unanswered");
            }
        }
        for (var reader : simulation.readers()) {
            var end = partitions[reader.partition()].committedEnd();
            if (reader.position() < end) {
                fail("H", "a reader stands at " + reader.position() + " of " + end);
            }
        }
        if (counters.clientOperations < 300) {
            fail("V", "only " + counters.clientOperations + " client operations");
        }
    }
}
