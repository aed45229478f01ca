// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;

/// What the high watermark of a replicated partition counts.
class ReplicatedHighWatermarkTest {

    private static final List<Integer> BOTH = List.of(NODE, OTHER);

    private final ReplicaHarness leader = new ReplicaHarness();

    private void leads(Durability durability, int isrMin) {
        leader.image(assignment(NODE, 1, 1, BOTH, BOTH), config(durability, isrMin));
        leader.open(OTHER, 7, 1, 0, -1);
    }

    @Test
    void anFsyncTopicCountsTheDurableEndsOfAll() {
        leads(Durability.FSYNC, 2);
        leader.produce("a", plain(3), Acks.ALL);
        leader.flush();

        leader.ack(OTHER, 7, 1, 3, 2);
        assertThat(leader.answer("a")).isEmpty();
        leader.ack(OTHER, 7, 1, 3, 3);

        assertThat(leader.receipt("a"))
                .isEqualTo(new Receipt(0, 3, 1, Durability.FSYNC, BOTH, BOTH, false));
    }

    @Test
    void anFsyncTopicWaitsForTheLeadersOwnFlush() {
        leads(Durability.FSYNC, 2);
        leader.produce("a", plain(3), Acks.ALL);
        leader.ack(OTHER, 7, 1, 3, 3);
        assertThat(leader.highWatermark()).isZero();

        leader.flush();

        assertThat(leader.highWatermark()).isEqualTo(3);
    }

    @Test
    void aReplicatedTopicCountsTheAppendedEnds() {
        leads(Durability.REPLICATED, 2);
        leader.produce("a", plain(3), Acks.ALL);
        assertThat(leader.answer("a")).isEmpty();

        leader.ack(OTHER, 7, 1, 3, 0);

        assertThat(leader.receipt("a"))
                .isEqualTo(new Receipt(0, 3, 1, Durability.REPLICATED, BOTH, List.of(), false));
    }

    @Test
    void anAckOfTheLeadersEpochMovesItEvenOverRecordsOfAnOlderOne() {
        var later = new ReplicaHarness(new LogState(0, 9, 9, 3, 4), ReplicaLimits.DEFAULT);
        later.image(assignment(NODE, 4, 1, BOTH, BOTH), config(Durability.FSYNC, 2));
        assertThat(later.replica.view().latestIsKnown()).isFalse();
        assertThat(later.replica.view().admit(0, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Read(4));
        later.open(OTHER, 7, 4, 9, 3);

        later.ack(OTHER, 7, 4, 9, 9);

        assertThat(later.highWatermark()).isEqualTo(9);
        assertThat(later.replica.view().latestIsKnown()).isTrue();
    }

    @Test
    void anAckOfAnOlderEpochMovesNothing() {
        leads(Durability.FSYNC, 1);
        leader.produce("a", plain(3), Acks.LEADER);
        leader.flush();
        leader.image(assignment(NODE, 2, 2, BOTH, BOTH), config(Durability.FSYNC, 1));
        leader.open(OTHER, 8, 2, 0, -1);

        leader.receive(OTHER, new ReplicaMessage.Ack(ReplicaHarness.session(OTHER, 8), 1, 3, 3, 0));

        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void standsStillWhileTheCommittedIsrIsBelowTheMinimumWhateverIsAcknowledged() {
        leader.image(
                assignment(NODE, 1, 1, List.of(NODE, OTHER, 3), List.of(NODE)),
                config(Durability.FSYNC, 2));
        leader.open(OTHER, 7, 1, 0, -1);
        leader.produce("a", plain(1), Acks.LEADER);
        leader.flush();

        leader.ack(OTHER, 7, 1, 1, 1);

        assertThat(leader.take(ReplicaEffect.ProposeIsr.class)).hasSize(1);
        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void aBatchThatArrivesWhileAFlushRunsWaitsForTheNext() {
        leads(Durability.FSYNC, 2);
        leader.produce("a", plain(3), Acks.ALL);
        leader.produce("b", plain(2), Acks.ALL);
        leader.ack(OTHER, 7, 1, 5, 5);

        leader.step(new ReplicaEvent.FlushDone(3));

        assertThat(leader.receipt("a").baseOffset()).isZero();
        assertThat(leader.answer("b")).isEmpty();
        leader.flush();
        assertThat(leader.receipt("b").durableReplicas()).isEqualTo(BOTH);
    }
}
