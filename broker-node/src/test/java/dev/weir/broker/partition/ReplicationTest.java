// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Real partitions of several nodes over real logs.
class ReplicationTest {

    private final ReplicaCluster cluster = new ReplicaCluster(3);

    private static void accepted(ReplicaNode leader, String name) {
        assertThat(leader.answers.get(name)).as(name).isInstanceOf(ProduceOutcome.Accepted.class);
    }

    @AfterEach
    void allBytesAreGivenBack() {
        cluster.heal();
        cluster.pass(2_000);
        assertThat(cluster.bytesHeld).isZero();
        assertThat(cluster.pushesHeld).isZero();
    }

    private void leadAndSettle() {
        cluster.elect(1, 1, 2, 3);
        cluster.settle();
    }

    @Test
    void acksAllWaitsForTheDurableEndsOfAllInSyncReplicas() {
        leadAndSettle();
        cluster.node(3).flushesHeld = true;

        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();

        assertThat(cluster.node(3).records()).containsExactly("one");
        assertThat(cluster.leader().answers).isEmpty();
        cluster.node(3).flushesHeld = false;
        cluster.settle();
        accepted(cluster.leader(), "a");
        assertThat(cluster.node(2).records()).containsExactly("one");
    }

    @Test
    void aReplicatedTopicWaitsForNoFlush() {
        cluster.durability = Durability.REPLICATED;
        leadAndSettle();
        cluster.nodes.values().forEach(node -> node.flushesHeld = true);

        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();

        accepted(cluster.leader(), "a");
    }

    @Test
    void followersHearTheHighWatermark() {
        leadAndSettle();
        cluster.leader().produce("a", Batches.of("one", "two"), Acks.ALL);
        cluster.settle();

        cluster.pass(500);

        for (var node : cluster.nodes.values()) {
            assertThat(node.partition.status().highWatermark()).isEqualTo(2);
        }
    }

    @Test
    void anIdlePartitionSendsNothing() {
        leadAndSettle();
        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();
        cluster.pass(1_000);
        cluster.delivered.clear();

        cluster.pass(20_000);

        assertThat(cluster.delivered).isEmpty();
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void aFollowerWithADivergedTailCutsItAndIsFilledAgain() {
        leadAndSettle();
        cluster.leader().produce("a", Batches.of("committed"), Acks.ALL);
        cluster.settle();
        cluster.cut(1, 2, true);
        cluster.cut(1, 3, true);
        cluster.leader().produce("lost", Batches.of("never committed"), Acks.ALL);
        cluster.settle();
        assertThat(cluster.node(1).records()).containsExactly("committed", "never committed");

        cluster.elect(2, 2, 3);
        cluster.settle();
        cluster.leader().produce("b", Batches.of("other"), Acks.ALL);
        cluster.settle();
        accepted(cluster.leader(), "b");
        cluster.cut(1, 2, false);
        cluster.cut(1, 3, false);
        cluster.pass(3_000);

        assertThat(cluster.node(1).records()).containsExactly("committed", "other");
        assertThat(cluster.node(1).answers.get("lost")).isInstanceOf(ProduceOutcome.Refused.class);
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(cluster.delivered).anyMatch(ReplicaMessage.Diverged.class::isInstance);
    }

    @Test
    void aTruncationThatFindsNoRoomIsTriedAgain() {
        leadAndSettle();
        cluster.cut(1, 2, true);
        cluster.cut(1, 3, true);
        cluster.leader().produce("lost", Batches.of("never committed"), Acks.ALL);
        cluster.settle();
        cluster.elect(2, 2, 3);
        cluster.leader().produce("b", Batches.of("other"), Acks.ALL);
        cluster.settle();
        cluster.node(1).disk.limitTo(0);
        cluster.cut(1, 2, false);
        cluster.pass(3_000);
        assertThat(cluster.node(1).partition.status().logEndOffset()).isEqualTo(1);

        cluster.node(1).disk.limitTo(Long.MAX_VALUE);
        cluster.pass(3_000);

        assertThat(cluster.node(1).records()).containsExactly("other");
        assertThat(cluster.node(1).failures).isEmpty();
    }

    @Test
    void aFollowerBehindTheLogStartBeginsThereWithTheLeadersProducers() {
        var disk = new SimulatedDisk();
        var first = cluster.start(1, disk);
        var states = new ProducerStates(ProducerStates.PRODUCERS_MAX_DEFAULT, 100);
        first.log.resetTo(100, new LeaderEpochHistory(List.of()), states);
        first.log.close();
        first.directory.close();
        cluster.start(1, disk);

        leadAndSettle();
        cluster.leader().produce("a", Batches.of("at a hundred"), Acks.ALL);
        cluster.settle();
        cluster.pass(1_000);

        accepted(cluster.leader(), "a");
        for (var node : cluster.nodes.values()) {
            assertThat(node.log.logStartOffset()).isEqualTo(100);
            assertThat(node.records()).containsExactly("at a hundred");
        }
        assertThat(cluster.delivered).anyMatch(ReplicaMessage.Reset.class::isInstance);
    }

    @Test
    void aSlowLinkHoldsNoMoreThanItsWindow() {
        cluster.minInsync = 1;
        leadAndSettle();
        cluster.hold(2, 1, Lane.IN_SYNC, true);
        cluster.hold(1, 3, Lane.IN_SYNC, true);
        cluster.hold(1, 2, Lane.IN_SYNC, true);

        for (var i = 0; i < 100; i++) {
            cluster.leader().produce("x" + i, Batches.ofBytes(100 << 10), Acks.LEADER);
            cluster.settle();
        }

        assertThat(cluster.leader().log.sizeBytes()).isGreaterThan(2L * PushFeed.WINDOW_BYTES);
        assertThat(cluster.bytesHeldMost)
                .isGreaterThan(PushFeed.WINDOW_BYTES)
                .isLessThanOrEqualTo(2 * PushFeed.WINDOW_BYTES);
        cluster.hold(1, 3, Lane.IN_SYNC, false);
        cluster.hold(1, 2, Lane.IN_SYNC, false);
        cluster.hold(2, 1, Lane.IN_SYNC, false);
        cluster.pass(1_000);
        assertThat(cluster.node(2).log.logEndOffset()).isEqualTo(100);
        assertThat(cluster.node(3).log.logEndOffset()).isEqualTo(100);
        assertThat(cluster.bytesHeld).isZero();
    }

    @Test
    void aLinkThatAdmitsNothingIsGivenNothing() {
        leadAndSettle();
        cluster.admit(1, 2, Lane.IN_SYNC, false);
        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();
        assertThat(cluster.node(2).log.logEndOffset()).isZero();

        cluster.admit(1, 2, Lane.IN_SYNC, true);
        cluster.settle();

        accepted(cluster.leader(), "a");
    }

    @Test
    void aFollowerThatWasAwayIsFilledOnTheCatchingUpLane() {
        leadAndSettle();
        cluster.cut(1, 3, true);
        cluster.cut(2, 3, true);
        cluster.isr = new ArrayList<>(List.of(1, 2));
        cluster.partitionEpoch++;
        cluster.publish();
        cluster.settle();
        for (var i = 0; i < 60; i++) {
            cluster.leader().produce("x" + i, Batches.ofBytes(200 << 10), Acks.ALL);
            cluster.settle();
        }
        accepted(cluster.leader(), "x59");
        cluster.delivered.clear();
        cluster.cut(1, 3, false);
        cluster.cut(2, 3, false);

        cluster.pass(3_000);

        assertThat(cluster.node(3).records()).isEqualTo(cluster.leader().records());
        assertThat(cluster.isr).containsExactlyInAnyOrder(1, 2, 3);
        var lanes =
                cluster.delivered.stream()
                        .filter(ReplicaMessage.OpenSession.class::isInstance)
                        .map(open -> ((ReplicaMessage.OpenSession) open).lane())
                        .toList();
        assertThat(lanes.getLast()).isEqualTo(Lane.IN_SYNC);
        assertThat(lanes).contains(Lane.CATCHING_UP);
    }

    @Test
    void aProcessThatComesBackIsFedAgain() {
        leadAndSettle();
        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();
        var disk = cluster.node(2).disk;
        cluster.start(2, disk.restarted());
        cluster.partitionEpoch++;
        cluster.publish();
        cluster.settle();

        cluster.leader().produce("b", Batches.of("two"), Acks.ALL);
        cluster.pass(1_000);

        accepted(cluster.leader(), "b");
        assertThat(cluster.node(2).records()).containsExactly("one", "two");
    }

    @Test
    void everyReplicaHasTheSameBytesAfterLeadershipWentRound() {
        leadAndSettle();
        for (var round = 0; round < 9; round++) {
            var leader = round % 3 + 1;
            cluster.elect(leader, 1, 2, 3);
            cluster.settle();
            for (var i = 0; i < 5; i++) {
                cluster.leader().produce(round + "/" + i, Batches.of(round + "/" + i), Acks.ALL);
            }
            cluster.settle();
            accepted(cluster.leader(), round + "/4");
        }
        var all = IntStream.range(0, 45).mapToObj(i -> i / 5 + "/" + i % 5).toList();
        for (var node : cluster.nodes.values()) {
            assertThat(node.records()).isEqualTo(all);
            assertThat(node.log.epochs()).isEqualTo(cluster.leader().log.epochs());
        }
        assertThat(cluster.delivered).noneMatch(ReplicaMessage.Diverged.class::isInstance);
    }
}
