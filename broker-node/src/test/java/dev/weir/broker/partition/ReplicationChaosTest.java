// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.sim.CrashPolicy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/// Three replicas under everything that links, processes and power do, in an order drawn from a
/// seed: what was acknowledged is there at the end, everywhere, once and in its place.
class ReplicationChaosTest {

    private static final int STEPS = 400;

    /// Of all seeds.
    private static int accepted;

    private static int truncations;

    private final ReplicaCluster cluster = new ReplicaCluster(3);
    private final List<ReplicaNode> everStarted = new ArrayList<>(cluster.nodes.values());
    private SplittableRandom random = new SplittableRandom(0);
    private int produced;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("weir.chaos.seeds", 40));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWasAcknowledgedIsOnAllReplicasAtTheEnd(long seed) {
        random = new SplittableRandom(seed);
        try {
            cluster.elect(1, 1, 2, 3);
            for (var step = 0; step < STEPS; step++) {
                act();
            }
            cluster.heal();
            cluster.nodes.values().forEach(node -> node.flushesHeld = false);
            cluster.pass(15_000);
            check();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    @AfterAll
    static void somethingHappened() {
        assertThat(accepted).isGreaterThan(1_000);
        assertThat(truncations).isGreaterThan(20);
    }

    private void act() {
        var draw = random.nextInt(100);
        if (draw < 35) {
            var value = "v" + produced++;
            var leader = cluster.leader();
            leader.produce(value, Batches.of(value, value + "+"), Acks.ALL);
        } else if (draw < 60) {
            cluster.runSome(1 + random.nextInt(30));
        } else if (draw < 78) {
            cluster.tick();
        } else if (draw < 84) {
            var lane = random.nextBoolean() ? Lane.IN_SYNC : Lane.CATCHING_UP;
            cluster.hold(node(), node(), lane, random.nextInt(3) == 0);
        } else if (draw < 88) {
            var lane = random.nextBoolean() ? Lane.IN_SYNC : Lane.CATCHING_UP;
            cluster.admit(node(), node(), lane, random.nextBoolean());
        } else if (draw < 91) {
            cluster.node(node()).flushesHeld = random.nextInt(3) == 0;
        } else if (draw < 94) {
            cut();
        } else if (draw < 97) {
            cluster.elect(inSync(), cluster.isr.toArray(Integer[]::new));
        } else {
            restart(random.nextBoolean());
        }
    }

    private int node() {
        return 1 + random.nextInt(3);
    }

    private int inSync() {
        return cluster.isr.get(random.nextInt(cluster.isr.size()));
    }

    private void cut() {
        var one = node();
        var other = node();
        if (one != other) {
            cluster.cut(one, other, random.nextInt(3) == 0);
        }
    }

    private void restart(boolean powerLoss) {
        var id = node();
        var disk = cluster.node(id).disk;
        var left =
                powerLoss ? disk.crashed(CrashPolicy.random(random.nextLong())) : disk.restarted();
        everStarted.add(cluster.start(id, left));
        if (id == cluster.leaderId) {
            cluster.elect(inSync(), cluster.isr.toArray(Integer[]::new));
        } else {
            cluster.partitionEpoch++;
            cluster.publish();
        }
    }

    private void check() {
        var records = cluster.leader().records();
        for (var node : cluster.nodes.values()) {
            var status = node.partition.status();
            assertThat(status.offlineReason()).as("node %d", node.id).isEmpty();
            assertThat(node.records()).as("node %d", node.id).isEqualTo(records);
            assertThat(node.log.epochs()).isEqualTo(cluster.leader().log.epochs());
            assertThat(status.highWatermark()).isEqualTo(records.size());
        }
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(cluster.bytesHeld).isZero();
        truncations +=
                (int)
                        cluster.delivered.stream()
                                .filter(ReplicaMessage.Diverged.class::isInstance)
                                .count();
        assertThat(records).doesNotHaveDuplicates();
        for (var node : everStarted) {
            assertThat(node.failures).isEmpty();
            for (var answer : node.answers.entrySet()) {
                if (answer.getValue() instanceof ProduceOutcome.Accepted(var receipt)) {
                    accepted++;
                    assertThat(records.get((int) receipt.baseOffset())).isEqualTo(answer.getKey());
                }
            }
        }
    }
}
