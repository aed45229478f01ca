// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.alone;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.leading;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;

class ReplicaFailureTest {

    @Test
    void aFullDiskRefusesTheBatchAndLeavesEverythingElseAsItWas() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);
        replica.holdAppends = true;
        replica.produce("b", plain(1), Acks.ALL);
        replica.produce("c", plain(1), Acks.LEADER);

        replica.step(new ReplicaEvent.AppendRefused());

        assertThat(replica.answer("b")).contains(new ProduceOutcome.LogDirFull());
        assertThat(replica.answer("c")).contains(new ProduceOutcome.LogDirFull());
        assertThat(replica.answer("a")).isEmpty();
        replica.holdAppends = false;
        replica.appends.clear();
        replica.produce("d", plain(1), Acks.ALL);
        replica.flush();
        assertThat(replica.receipt("a").baseOffset()).isZero();
        assertThat(replica.receipt("d").baseOffset()).isEqualTo(1);
    }

    @Test
    void aRefusedBatchIsFlushedAwayAlthoughAllThatIsKeptIsDurable() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);
        replica.flush();
        replica.holdAppends = true;
        replica.produce("b", plain(1), Acks.ALL);

        replica.step(new ReplicaEvent.AppendRefused());
        assertThat(replica.flushWanted).isTrue();

        // That flush finds no room either: it is tried again until one does.
        replica.flushWanted = false;
        replica.step(new ReplicaEvent.FlushRefused());
        assertThat(replica.replica.view().wantsTicks()).isTrue();
        replica.step(new ReplicaEvent.Tick());
        assertThat(replica.flushWanted).isTrue();
        replica.flush();
        replica.holdAppends = false;
        replica.appends.clear();
        replica.produce("c", plain(1), Acks.LEADER);
        assertThat(replica.receipt("c").baseOffset()).isEqualTo(1);
    }

    @Test
    void aFlushWithoutSpaceRefusesNewBatchesUntilOneSucceeds() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);

        replica.step(new ReplicaEvent.FlushRefused());
        replica.produce("b", plain(1), Acks.ALL);

        assertThat(replica.answer("a")).isEmpty();
        assertThat(replica.answer("b")).contains(new ProduceOutcome.LogDirFull());
        replica.step(new ReplicaEvent.Tick());
        assertThat(replica.flushWanted).isTrue();
        replica.flush();
        assertThat(replica.receipt("a").baseOffset()).isZero();
        replica.produce("c", plain(1), Acks.LEADER);
        assertThat(replica.receipt("c").baseOffset()).isEqualTo(1);
    }

    @Test
    void afterAFailureNothingIsAcknowledgedAndWhatWasCommittedIsStillRead() {
        var replica = leading();
        replica.produce("a", plain(2), Acks.ALL);
        replica.flush();
        replica.produce("b", plain(2), Acks.ALL);
        replica.park("f", 2);

        replica.step(new ReplicaEvent.Failed("flush failed", true));
        replica.flushWanted = false;
        replica.step(new ReplicaEvent.FlushDone(2));
        assertThat(replica.flushWanted).isFalse();
        replica.flush();
        replica.produce("c", plain(1), Acks.LEADER);

        assertThat(replica.answer("b"))
                .contains(new ProduceOutcome.LogDirOffline("flush failed", true));
        assertThat(replica.answer("c"))
                .contains(new ProduceOutcome.LogDirOffline("flush failed", false));
        assertThat(replica.woken).containsEntry("f", new FetchVerdict.Offline("flush failed"));
        assertThat(replica.highWatermark()).isEqualTo(2);
        var view = replica.replica.view();
        assertThat(view.admit(0, OptionalInt.empty(), 0)).isEqualTo(new FetchVerdict.Read(2));
        assertThat(view.admitQuestion(OptionalInt.empty())).isEqualTo(new FetchVerdict.Read(2));
        assertThat(view.admit(2, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Offline("flush failed"));
    }

    @Test
    void aLeaderThatFailedKnowsTheRangeUntilSomebodyElseMayHaveLed() {
        var replica = leading();
        replica.produce("a", plain(2), Acks.ALL);
        replica.flush();
        replica.step(new ReplicaEvent.Failed("flush failed", true));
        assertThat(replica.replica.view().latestIsKnown()).isTrue();
        assertThat(replica.replica.view().admit(9, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.OutOfRange());

        replica.image(leaderless(2), PartitionConfig.DEFAULT);
        assertThat(replica.replica.view().latestIsKnown()).isTrue();
        replica.image(leaderless(4), PartitionConfig.DEFAULT);

        assertThat(replica.replica.view().latestIsKnown()).isFalse();
        assertThat(replica.replica.view().admit(9, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Offline("flush failed"));
        assertThat(replica.replica.view().admit(0, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Read(2));
    }

    @Test
    void aFollowerThatFailedKnowsNoRange() {
        var replica = new ReplicaHarness(new LogState(0, 5, 5, 1, 3), ReplicaLimits.DEFAULT);
        replica.step(new ReplicaEvent.Failed("flush failed", true));

        replica.image(leaderless(2), PartitionConfig.DEFAULT);

        assertThat(replica.replica.view().latestIsKnown()).isFalse();
        assertThat(replica.replica.view().admit(6, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Offline("flush failed"));
    }

    /// This node alone is in sync, and nobody leads.
    private static Assignment leaderless(int epoch) {
        return assignment(Assignment.NO_LEADER, epoch, epoch, List.of(NODE), List.of(NODE));
    }

    @Test
    void anImageDoesNotBringAFailedReplicaBack() {
        var replica = leading();
        replica.step(new ReplicaEvent.Failed("broken", false));

        replica.image(alone(2), PartitionConfig.DEFAULT);

        assertThat(replica.replica.view().role())
                .isEqualTo(new ReplicaRole.Offline(NODE, 2, "broken", false, false));
        assertThat(replica.replica.view().admit(0, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Offline("broken"));
    }

    @Test
    void aBrokenInvariantIsAnException() {
        var replica = leading();
        replica.produce("a", plain(2), Acks.ALL);

        assertThatThrownBy(() -> replica.step(new ReplicaEvent.FlushDone(3)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(
                        () ->
                                replica.image(
                                        assignment(
                                                OTHER, 1, 2, List.of(NODE, OTHER), List.of(OTHER)),
                                        PartitionConfig.DEFAULT))
                .isInstanceOf(IllegalStateException.class);
        replica.step(new ReplicaEvent.Failed("invariant", false));
        assertThat(replica.answer("a"))
                .contains(new ProduceOutcome.LogDirOffline("invariant", true));
    }

    @Test
    void aLogOfALaterEpochThanTheLeadersIsABrokenInvariant() {
        var replica = new ReplicaHarness(new LogState(0, 5, 5, 9, 5), ReplicaLimits.DEFAULT);

        assertThatThrownBy(() -> replica.image(alone(8), PartitionConfig.DEFAULT))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void drainingTakesNoNewProducesButAnswersTheOldOnes() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);

        replica.step(new ReplicaEvent.Drain());
        replica.produce("b", plain(1), Acks.ALL);

        assertThat(replica.answer("b")).contains(new ProduceOutcome.Closed(false));
        assertThat(replica.replica.isDrained()).isFalse();
        replica.flush();
        assertThat(replica.receipt("a").baseOffset()).isZero();
        assertThat(replica.replica.isDrained()).isTrue();
    }

    @Test
    void closingAnswersEverythingThatWaits() {
        var replica = leading();
        replica.produce("a", plain(1), Acks.ALL);
        replica.park("f", 0);

        replica.step(new ReplicaEvent.Close());

        assertThat(replica.answer("a")).contains(new ProduceOutcome.Closed(true));
        assertThat(replica.woken).containsEntry("f", new FetchVerdict.Closed());
        assertThat(replica.replica.view().admit(0, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Closed());
    }

    @Test
    void aRestartBeginsWithTheCheckpointedHighWatermarkAndCatchesUpAsALeader() {
        var replica = new ReplicaHarness(new LogState(2, 9, 9, 3, 4), ReplicaLimits.DEFAULT);
        assertThat(replica.highWatermark()).isEqualTo(4);

        replica.image(alone(4), PartitionConfig.DEFAULT);

        assertThat(replica.highWatermark()).isEqualTo(9);
        assertThat(new LogState(2, 9, 9, 3, 40).startingHighWatermark()).isEqualTo(9);
        assertThat(new LogState(2, 9, 9, 3, 0).startingHighWatermark()).isEqualTo(2);
    }
}
