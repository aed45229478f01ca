// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.SessionId;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// What happens beside a replica's turns: cuts, flushes, cold reads and full queues that cross.
class ReplicaShellTest {

    private final ReplicaCluster cluster = new ReplicaCluster(3);

    /// Node 1 led, alone with one record, and follows node 2 now; its truncation is under way.
    private ReplicaNode truncating(boolean flushPending) {
        cluster.elect(1, 1, 2, 3);
        cluster.settle();
        cluster.cut(1, 2, true);
        cluster.cut(1, 3, true);
        cluster.node(1).flushesHeld = flushPending;
        cluster.leader().produce("lost", Batches.of("never committed"), Acks.ALL);
        cluster.settle();
        cluster.elect(2, 2, 3);
        cluster.leader().produce("b", Batches.of("other"), Acks.ALL);
        cluster.settle();
        cluster.node(1).syncsHeld = true;
        cluster.heal();
        cluster.pass(2_000);
        assertThat(cluster.node(1).syncs).hasSize(1);
        return cluster.node(1);
    }

    @Test
    void aFlushThatEndsDuringATruncationIsNotTakenNoteOfBefore() {
        var node = truncating(true);
        assertThat(node.flushes).hasSize(1);

        node.flushesHeld = false;
        cluster.settle();

        assertThat(node.partition.status().durableEndOffset()).isZero();
        node.syncsHeld = false;
        cluster.pass(1_000);
        assertThat(node.records()).containsExactly("other");
        assertThat(node.partition.status().durableEndOffset()).isEqualTo(1);
    }

    @Test
    void aFlushSlotThatComesDuringATruncationIsGivenBack() {
        var others = cluster.node(1).flushScheduler;
        assertThat(others.request(() -> {})).isTrue();
        var node = truncating(true);

        others.release();
        cluster.settle();

        assertThat(node.flushes).isEmpty();
        node.flushesHeld = false;
        assertThat(others.request(() -> {})).isTrue();
        others.release();
        node.syncsHeld = false;
        cluster.pass(1_000);
        assertThat(node.records()).containsExactly("other");
        assertThat(node.partition.status().durableEndOffset()).isEqualTo(1);
    }

    @Test
    void aPartitionClosesOnlyWhenItsTruncationHasEnded() {
        var node = truncating(false);

        var closed = node.partition.close();
        cluster.settle();

        assertThat(closed).isNotDone();
        node.syncsHeld = false;
        cluster.settle();
        assertThat(closed).isDone();
    }

    @Test
    void aFlushThatEndsDuringATruncationThatABugEndsKeepsNobodyFromClosing() {
        var node = truncating(true);
        node.flushesHeld = false;
        cluster.settle();
        node.disk.inject(
                _ -> {
                    throw new IllegalStateException("a bug");
                });
        node.syncsHeld = false;
        cluster.settle();
        assertThat(node.partition.status().offlineReason()).isPresent();

        var closed = node.partition.close();
        cluster.settle();

        assertThat(closed).isDone();
    }

    @Test
    void aColdReadThatEndsAfterItsFeedPushesNothing() {
        cluster.elect(1, 1, 2, 3);
        cluster.settle();
        cluster.cut(1, 3, true);
        cluster.isr.remove(Integer.valueOf(3));
        cluster.partitionEpoch++;
        cluster.publish();
        for (var i = 0; i < 30; i++) {
            cluster.leader().produce("x" + i, Batches.ofBytes(200 << 10), Acks.ALL);
            cluster.settle();
        }
        cluster.leader().readersHeld = true;
        cluster.hold(1, 3, Lane.CATCHING_UP, true);
        cluster.cut(1, 3, false);
        cluster.pass(1_000);
        assertThat(cluster.leader().readers).isNotEmpty();
        var held = cluster.bytesHeld;
        cluster.leader().partition.linkBroken(3, Lane.CATCHING_UP);
        cluster.settle();

        cluster.leader().readersHeld = false;
        cluster.settle();

        assertThat(cluster.bytesHeld).isEqualTo(held);
    }

    @Test
    void aPushWithADamagedBatchIsDropped() {
        cluster.elect(1, 1, 2, 3);
        cluster.settle();
        var batch = Batches.of("damaged");
        batch.put(batch.limit() - 1, (byte) (batch.get(batch.limit() - 1) + 1));
        var released = new AtomicInteger();
        var session =
                cluster.delivered.stream()
                        .filter(ReplicaMessage.OpenSession.class::isInstance)
                        .map(ReplicaMessage::session)
                        .filter(id -> id.incarnation().equals(cluster.node(2).incarnation))
                        .reduce((_, last) -> last)
                        .orElseThrow();

        cluster.node(2).partition.receive(1, Lane.IN_SYNC, push(session, batch, released));
        cluster.settle();

        assertThat(released).hasValue(1);
        assertThat(cluster.node(2).log.logEndOffset()).isZero();
        assertThat(cluster.node(2).partition.status().offlineReason()).isEmpty();
    }

    private static ReplicaMessage.Push push(
            SessionId session, ByteBuffer batch, AtomicInteger released) {
        return new ReplicaMessage.Push(
                session,
                1,
                0,
                new PushedBatches() {
                    @Override
                    public ByteBuffer buffer() {
                        return batch;
                    }

                    @Override
                    public int sizeBytes() {
                        return batch.remaining();
                    }

                    @Override
                    public void release() {
                        released.incrementAndGet();
                    }
                },
                0,
                0);
    }

    @Test
    void aFollowerTakesBatchesThatItWouldNotTakeFromAClient() {
        cluster.batchBytesMax = 1 << 10;
        cluster.start(3, new SimulatedDisk());
        cluster.elect(1, 1, 2, 3);
        cluster.settle();

        cluster.leader().produce("large", Batches.ofBytes(100 << 10), Acks.ALL);
        cluster.settle();

        assertThat(cluster.leader().answers.get("large"))
                .isInstanceOf(ProduceOutcome.Accepted.class);
        assertThat(cluster.node(3).log.logEndOffset()).isEqualTo(1);
    }

    @Test
    void anAcknowledgementPassesAQueueThatClientsFilled() {
        cluster.elect(1, 1, 2, 3);
        cluster.settle();
        cluster.hold(2, 1, Lane.IN_SYNC, true);
        cluster.leader().produce("a", Batches.of("one"), Acks.ALL);
        cluster.settle();
        assertThat(cluster.leader().answers).isEmpty();
        // From here on a worker has the partition, and does not come to it.
        cluster.leader().partition.linkBroken(9, Lane.IN_SYNC);
        for (var i = 0; i <= PartitionServices.MAILBOX_CAPACITY; i++) {
            cluster.leader().produce("x" + i, Batches.of("x"), Acks.LEADER);
        }
        assertThat(cluster.leader().answers.values())
                .hasAtLeastOneElementOfType(ProduceOutcome.Overloaded.class);

        cluster.deliverHeld(2, 1, Lane.IN_SYNC);
        cluster.settle();

        assertThat(cluster.leader().answers.get("a")).isInstanceOf(ProduceOutcome.Accepted.class);
    }
}
