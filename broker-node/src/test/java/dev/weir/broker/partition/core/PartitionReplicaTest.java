// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.WALL_MS;
import static dev.weir.broker.partition.core.ReplicaHarness.alone;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;
import static dev.weir.broker.partition.core.ReplicaHarness.leading;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;

class PartitionReplicaTest {

    @Test
    void answersAcksAllOnlyWhenAFlushHasProvedTheBatch() {
        var replica = leading();

        replica.produce("a", plain(3), Acks.ALL);

        assertThat(replica.answer("a")).isEmpty();
        assertThat(replica.flushWanted).isTrue();
        assertThat(replica.highWatermark()).isZero();
        replica.flush();
        assertThat(replica.receipt("a"))
                .isEqualTo(
                        new Receipt(
                                0, 3, 1, Durability.FSYNC, List.of(NODE), List.of(NODE), false));
        assertThat(replica.highWatermark()).isEqualTo(3);
    }

    @Test
    void aFlushBegunBeforeABatchProvesNothingForIt() {
        var replica = leading();
        replica.produce("a", plain(3), Acks.ALL);
        replica.produce("b", plain(2), Acks.ALL);

        replica.step(new ReplicaEvent.FlushDone(3));

        assertThat(replica.receipt("a").baseOffset()).isZero();
        assertThat(replica.answer("b")).isEmpty();
        assertThat(replica.flushWanted).isTrue();
    }

    @Test
    void aReplicatedTopicAnswersAcksAllAtTheAppendAndSaysWhichLevelItReached() {
        var replica = new ReplicaHarness();
        replica.image(alone(1), config(Durability.REPLICATED, 1));

        replica.produce("a", plain(3), Acks.ALL);

        assertThat(replica.receipt("a").durability()).isEqualTo(Durability.REPLICATED);
        assertThat(replica.receipt("a").durableReplicas()).isEmpty();
        assertThat(replica.flushWanted).isFalse();
        assertThat(replica.highWatermark()).isEqualTo(3);
    }

    @Test
    void aReplicatedTopicIsFlushedByTime() {
        var replica = new ReplicaHarness();
        replica.image(alone(1), config(Durability.REPLICATED, 1));
        replica.produce("a", plain(3), Acks.ALL);
        assertThat(replica.replica.view().wantsTicks()).isTrue();

        replica.step(new ReplicaEvent.Tick());

        assertThat(replica.flushWanted).isTrue();
    }

    @Test
    void answersAcksLeaderAtTheAppendAndPromisesNoMoreThanThat() {
        var replica = leading();

        replica.produce("leader", plain(3), Acks.LEADER);
        replica.produce("none", plain(1), Acks.NONE);

        assertThat(replica.receipt("leader").durability()).isEqualTo(Durability.LEADER);
        assertThat(replica.receipt("leader").durableReplicas()).isEmpty();
        assertThat(replica.receipt("none").baseOffset()).isEqualTo(3);
        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void batchesDecidedInOneTurnFollowEachOther() {
        var replica = leading();
        replica.holdAppends = true;

        replica.produce("a", plain(3), Acks.LEADER);
        replica.produce("b", plain(2), Acks.LEADER);

        assertThat(replica.answers).isEmpty();
        assertThat(replica.appends).extracting(ReplicaEffect.Append::baseOffset).contains(0L, 3L);
        replica.completeAppends();
        assertThat(replica.receipt("b").baseOffset()).isEqualTo(3);
    }

    @Test
    void refusesAcksAllBeforeTheAppendWhenTooFewReplicasAreInSync() {
        var replica = new ReplicaHarness();
        replica.image(
                assignment(NODE, 1, 1, List.of(NODE, OTHER, 3), List.of(NODE)),
                config(Durability.FSYNC, 2));

        replica.produce("all", plain(1), Acks.ALL);
        replica.produce("leader", plain(1), Acks.LEADER);

        assertThat(replica.answer("all")).contains(new ProduceOutcome.NotEnoughReplicas(1, 2));
        assertThat(replica.receipt("leader").baseOffset()).isZero();
    }

    @Test
    void aMinimumAboveTheNumberOfReplicasCountsAsThatNumber() {
        var replica = new ReplicaHarness();
        replica.image(alone(1), config(Durability.REPLICATED, 3));

        replica.produce("a", plain(1), Acks.ALL);

        assertThat(replica.receipt("a").baseOffset()).isZero();
    }

    @Test
    void theHighWatermarkStandsStillWhileTheIsrIsBelowTheMinimum() {
        var replica = new ReplicaHarness();
        replica.image(
                assignment(NODE, 1, 1, List.of(NODE, OTHER), List.of(NODE)),
                config(Durability.REPLICATED, 2));

        replica.produce("leader", plain(1), Acks.LEADER);

        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void anInSyncReplicaThatAcknowledgedNothingHoldsTheHighWatermark() {
        var replica = new ReplicaHarness();
        replica.image(
                assignment(NODE, 1, 1, List.of(NODE, OTHER), List.of(NODE, OTHER)),
                config(Durability.FSYNC, 1));
        replica.produce("a", plain(1), Acks.ALL);

        replica.flush();

        assertThat(replica.answer("a")).isEmpty();
        assertThat(replica.highWatermark()).isZero();
        // It left the in-sync set: what the others have is committed.
        replica.image(
                assignment(NODE, 1, 2, List.of(NODE, OTHER), List.of(NODE)),
                config(Durability.FSYNC, 1));
        assertThat(replica.receipt("a").replicas()).containsExactly(NODE);
    }

    @Test
    void refusesAProduceThatNamesAnotherEpoch() {
        var replica = new ReplicaHarness();
        replica.image(alone(5), PartitionConfig.DEFAULT);

        replica.produce("old", plain(1), Acks.ALL, OptionalInt.of(4), Long.MAX_VALUE);
        replica.produce("new", plain(1), Acks.ALL, OptionalInt.of(6), Long.MAX_VALUE);
        replica.produce("same", plain(1), Acks.LEADER, OptionalInt.of(5), Long.MAX_VALUE);

        var refused = new ProduceOutcome.Refused(new NotLeader(NODE, 5), false);
        assertThat(replica.answer("old")).contains(refused);
        assertThat(replica.answer("new")).contains(refused);
        assertThat(replica.receipt("same").leaderEpoch()).isEqualTo(5);
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() {
        var replica = new ReplicaHarness();
        replica.image(
                assignment(OTHER, 7, 1, List.of(NODE, OTHER), List.of(NODE, OTHER)),
                PartitionConfig.DEFAULT);

        replica.produce("a", plain(1), Acks.ALL);
        replica.park("f", 0);

        assertThat(replica.answer("a"))
                .contains(new ProduceOutcome.Refused(new NotLeader(OTHER, 7), false));
        assertThat(replica.woken)
                .containsEntry("f", new FetchVerdict.Refused(new NotLeader(OTHER, 7)));
    }

    @Test
    void losingTheLeadershipAnswersWhatWaitsWithAnUnknownOutcome() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);
        replica.park("f", 0);

        replica.image(
                assignment(OTHER, 2, 2, List.of(NODE, OTHER), List.of(OTHER)),
                PartitionConfig.DEFAULT);

        var hint = new NotLeader(OTHER, 2);
        assertThat(replica.answer("a")).contains(new ProduceOutcome.Refused(hint, true));
        assertThat(replica.woken).containsEntry("f", new FetchVerdict.Refused(hint));
        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void aNewEpochOfTheSameLeaderKeepsWhatWaits() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);

        replica.image(alone(2), PartitionConfig.DEFAULT);
        replica.flush();

        assertThat(replica.receipt("a").leaderEpoch()).isEqualTo(2);
    }

    @Test
    void ignoresAnImageOfAnOlderEpoch() {
        var replica = new ReplicaHarness();
        replica.image(alone(5), PartitionConfig.DEFAULT);

        replica.image(
                assignment(OTHER, 4, 4, List.of(NODE, OTHER), List.of(OTHER)),
                PartitionConfig.DEFAULT);
        replica.image(
                assignment(OTHER, 4, 6, List.of(NODE, OTHER), List.of(OTHER)),
                PartitionConfig.DEFAULT);

        assertThat(replica.replica.view().role()).isEqualTo(new ReplicaRole.Leader(NODE, 5, 0));
    }

    @Test
    void refusesATimestampMoreThanAnHourAhead() {
        var replica = leading();
        var hourMs = PartitionConfig.TIMESTAMP_AHEAD_MAX_MS;
        var tooFar = new BatchSummary(-1, (short) -1, -1, 1, WALL_MS + hourMs + 1);

        replica.produce("far", tooFar, Acks.ALL);
        replica.produce(
                "near", new BatchSummary(-1, (short) -1, -1, 1, WALL_MS + hourMs), Acks.LEADER);

        assertThat(replica.answer("far"))
                .contains(
                        new ProduceOutcome.InvalidTimestamp(
                                WALL_MS + hourMs + 1, WALL_MS + hourMs));
        assertThat(replica.receipt("near").baseOffset()).isZero();
    }

    @Test
    void theLargestTimestampLimitIsNone() {
        var replica = leading();
        replica.image(alone(1), new PartitionConfig(Durability.FSYNC, 1, Long.MAX_VALUE));

        replica.produce("a", new BatchSummary(-1, (short) -1, -1, 1, Long.MAX_VALUE), Acks.LEADER);

        assertThat(replica.receipt("a").baseOffset()).isZero();
    }

    @Test
    void aChangeToFsyncNeverLowersTheHighWatermark() {
        var replica = new ReplicaHarness();
        replica.image(alone(1), config(Durability.REPLICATED, 1));
        replica.produce("a", plain(5), Acks.ALL);
        assertThat(replica.highWatermark()).isEqualTo(5);

        replica.image(alone(1), config(Durability.FSYNC, 1));

        assertThat(replica.highWatermark()).isEqualTo(5);
        assertThat(replica.flushWanted).isTrue();
        replica.produce("b", plain(1), Acks.ALL);
        assertThat(replica.answer("b")).isEmpty();
        replica.flush();
        assertThat(replica.receipt("b").durability()).isEqualTo(Durability.FSYNC);
    }

    @Test
    void aChangeToReplicatedCommitsWhatIsAppended() {
        var replica = leading();
        replica.produce("a", plain(5), Acks.ALL);

        replica.image(alone(1), config(Durability.REPLICATED, 1));

        assertThat(replica.receipt("a").durability()).isEqualTo(Durability.REPLICATED);
    }

    @Test
    void answersAtTheDeadlineThatTheOutcomeIsOpen() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL, OptionalInt.empty(), replica.nowMs + 100);

        replica.nowMs += 99;
        replica.step(new ReplicaEvent.Tick());
        assertThat(replica.answer("a")).isEmpty();
        replica.nowMs += 1;
        replica.step(new ReplicaEvent.Tick());

        assertThat(replica.answer("a")).contains(new ProduceOutcome.TimedOut());
        replica.flush();
        assertThat(replica.highWatermark()).isEqualTo(1);
    }

    @Test
    void refusesMoreUnansweredProducesThanItsLimit() {
        var replica =
                new ReplicaHarness(
                        new LogState(0, 0, 0, -1, 0), new ReplicaLimits(2, 5, 1, 10_000));
        replica.image(alone(1), PartitionConfig.DEFAULT);
        replica.produce("a", plain(1), Acks.ALL);
        replica.produce("b", plain(1), Acks.ALL);

        replica.produce("c", plain(1), Acks.ALL);

        assertThat(replica.answer("c"))
                .contains(new ProduceOutcome.Overloaded("unanswered produces"));
        replica.flush();
        replica.produce("d", plain(1), Acks.ALL);
        assertThat(replica.answer("d")).isEmpty();
    }
}
