// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.alone;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.leading;
import static dev.weir.broker.partition.core.ReplicaHarness.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;

class FetchRulesTest {

    private final ReplicaHarness replica = leading();

    private FetchVerdict admit(long offset) {
        return replica.replica.view().admit(offset, OptionalInt.empty(), 0);
    }

    @Test
    void showsNothingAtOrAboveTheHighWatermark() {
        replica.produce("a", plain(3), Acks.ALL);
        assertThat(admit(0)).isEqualTo(new FetchVerdict.Wait());

        replica.flush();
        replica.produce("b", plain(2), Acks.ALL);

        assertThat(admit(0)).isEqualTo(new FetchVerdict.Read(3));
        assertThat(admit(3)).isEqualTo(new FetchVerdict.Wait());
        assertThat(admit(5)).isEqualTo(new FetchVerdict.Wait());
    }

    @Test
    void outOfRangeIsOnlyBelowTheStartOrBeyondTheEnd() {
        replica.produce("a", plain(3), Acks.ALL);

        assertThat(admit(4)).isEqualTo(new FetchVerdict.OutOfRange());
        assertThat(admit(-1)).isEqualTo(new FetchVerdict.OutOfRange());
        assertThat(admit(Long.MAX_VALUE)).isEqualTo(new FetchVerdict.OutOfRange());
        assertThat(replica.replica.view().admit(1, OptionalInt.empty(), 2))
                .isEqualTo(new FetchVerdict.OutOfRange());
    }

    @Test
    void aLeaderThatIsBehindTheReaderAnswersNotLeaderAndNeverARange() {
        var view = replica.replica.view();

        assertThat(view.admit(99, OptionalInt.of(2), 0))
                .isEqualTo(new FetchVerdict.Refused(new NotLeader(NODE, 1)));
        assertThat(view.admit(0, OptionalInt.of(1), 0)).isEqualTo(new FetchVerdict.Wait());
    }

    @Test
    void wakesThoseWhoseOffsetIsCommittedAndNoOthers() {
        replica.produce("a", plain(3), Acks.ALL);
        replica.produce("b", plain(2), Acks.ALL);
        replica.park("low", 2);
        replica.park("high", 3);

        replica.step(new ReplicaEvent.FlushDone(3));

        assertThat(replica.woken).containsOnlyKeys("low");
        assertThat(replica.woken).containsEntry("low", new FetchVerdict.Read(3));
        replica.flush();
        assertThat(replica.woken).containsEntry("high", new FetchVerdict.Read(5));
    }

    @Test
    void isNotParkedWhenItsRecordWasCommittedMeanwhile() {
        replica.produce("a", plain(3), Acks.ALL);
        replica.flush();

        replica.park("late", 0);

        assertThat(replica.woken).containsEntry("late", new FetchVerdict.Read(3));
    }

    @Test
    void aWithdrawnFetchIsNotWoken() {
        replica.park("gone", 0);
        replica.park("here", 0);

        replica.step(new ReplicaEvent.Unpark(new ReplicaHarness.Ticket("gone")));
        replica.produce("a", plain(1), Acks.ALL);
        replica.flush();

        assertThat(replica.woken).containsOnlyKeys("here");
    }

    @Test
    void parksNoMoreThanItsLimit() {
        var small =
                new ReplicaHarness(
                        new LogState(0, 0, 0, -1, 0), new ReplicaLimits(10, 5, 1, 10_000));
        small.image(alone(1), PartitionConfig.DEFAULT);

        small.park("one", 0);
        small.park("two", 0);

        assertThat(small.woken).containsOnlyKeys("two");
        assertThat(small.woken).containsEntry("two", new FetchVerdict.Overloaded());
    }

    @Test
    void latestIsUnknownUntilTheHighWatermarkReachesTheLeadersEpoch() {
        var fresh = new ReplicaHarness(new LogState(0, 9, 9, 3, 4), ReplicaLimits.DEFAULT);
        fresh.image(
                assignment(NODE, 4, 1, List.of(NODE, OTHER), List.of(NODE, OTHER)),
                PartitionConfig.DEFAULT);
        assertThat(fresh.replica.view().latestIsKnown()).isFalse();
        assertThat(fresh.replica.view().admit(0, OptionalInt.empty(), 0))
                .isEqualTo(new FetchVerdict.Read(4));

        fresh.image(
                assignment(NODE, 4, 2, List.of(NODE, OTHER), List.of(NODE)),
                PartitionConfig.DEFAULT);

        assertThat(fresh.replica.view().latestIsKnown()).isTrue();
    }
}
