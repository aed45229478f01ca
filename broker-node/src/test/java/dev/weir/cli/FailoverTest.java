// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.FailoverPlan.Place;
import dev.weir.cli.FailoverPlan.Victim;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

class FailoverTest {

    private static final List<Place> EVEN = List.of(place(0, 1), place(1, 2), place(2, 3));

    @Test
    void blindTimeEndsWithTheLongestGapAfterTheFailure() {
        var timeline = timeline(10, 20, 90, 100, 130, 140);

        assertThat(timeline.blindNs(25)).hasValue(90 - 25);
        assertThat(timeline.blindNs(95)).hasValue(130 - 95);
    }

    @Test
    void aGapThatBeganBeforeTheFailureCounts() {
        assertThat(timeline(10, 20, 90, 120).blindNs(80)).hasValue(90 - 80);
    }

    @Test
    void aLaterLongerGapIsTheBlindTime() {
        assertThat(timeline(10, 20, 60, 61, 62, 200, 201).blindNs(25)).hasValue(200 - 25);
    }

    @Test
    void withoutAnAcknowledgementAfterTheFailureThereIsNoBlindTime() {
        assertThat(timeline(10, 20).blindNs(20)).isEmpty();
        assertThat(timeline().blindNs(20)).isEmpty();
        assertThat(timeline(50).blindNs(20)).hasValue(30);
    }

    @Test
    void growsWithWhatComes() {
        var timeline = new AckTimeline();
        for (var i = 0; i < 5_000; i++) {
            timeline.add(i);
        }

        assertThat(timeline.count()).isEqualTo(5_000);
        assertThat(timeline.lastNs()).hasValue(4_999);
    }

    @Test
    void aLeaderThatFailsIsNotTheController() {
        assertThat(FailoverPlan.choose(Victim.LEADER, 1, EVEN))
                .isEqualTo(new FailoverPlan(1, 2, 2));
        assertThat(FailoverPlan.choose(Victim.STOP, 2, EVEN)).isEqualTo(new FailoverPlan(0, 1, 1));
        assertThat(FailoverPlan.choose(Victim.PLANNED, 1, List.of(place(0, 1)))).isNull();
    }

    @Test
    void leaderAndControllerAreOneNode() {
        assertThat(FailoverPlan.choose(Victim.LEADER_AND_CONTROLLER, 3, EVEN))
                .isEqualTo(new FailoverPlan(2, 3, 3));
        assertThat(FailoverPlan.choose(Victim.LEADER_AND_CONTROLLER, 3, List.of(place(0, 1))))
                .isNull();
    }

    @Test
    void aFollowerThatFailsLeadsNothingThatIsMeasuredAndIsNotTheController() {
        assertThat(FailoverPlan.choose(Victim.FOLLOWER, 2, List.of(place(0, 1))))
                .isEqualTo(new FailoverPlan(0, 1, 3));
        assertThat(FailoverPlan.choose(Victim.FOLLOWER, 1, List.of(place(0, 1))))
                .isEqualTo(new FailoverPlan(0, 1, 2));
    }

    @Test
    void aPartitionWithoutALeaderIsLeftOut() {
        var headless = new Place(0, OptionalInt.empty(), new TreeSet<>(List.of(1, 2, 3)));

        assertThat(FailoverPlan.choose(Victim.LEADER, 1, List.of(headless, place(1, 2))))
                .isEqualTo(new FailoverPlan(1, 2, 2));
    }

    @Test
    void whatIsReadBackAsAcknowledgedIsWell() {
        var readBack = new ReadBack(Map.of(0, 10L, 2, 12L));
        readBack.read(10, 0);
        readBack.read(11, 1);
        readBack.read(12, 2);

        assertCounts(readBack, 0, 0, 0);
        assertThat(readBack.distinct()).isEqualTo(3);
    }

    @Test
    void anAcknowledgedRecordThatIsMissingOrElsewhereIsLost() {
        var readBack = new ReadBack(Map.of(0, 10L, 1, 11L, 2, 12L));
        readBack.read(10, 0);
        readBack.read(11, 2);

        assertCounts(readBack, 2, 0, 0);
    }

    @Test
    void aRecordThatComesAgainIsADuplicateEachTime() {
        var readBack = new ReadBack(Map.of(0, 10L));
        readBack.read(10, 0);
        readBack.read(11, 0);
        readBack.read(12, 0);

        assertCounts(readBack, 0, 2, 0);
    }

    @Test
    void aRecordBehindALaterOneIsDisorder() {
        var readBack = new ReadBack(Map.of());
        readBack.read(10, 1);
        readBack.read(11, 0);
        readBack.read(12, 2);

        assertCounts(readBack, 0, 0, 1);
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddle() {
        assertThat(BenchFailover.median(new long[] {1, 5, 9})).isEqualTo(5);
        assertThat(BenchFailover.median(new long[] {1, 4, 7, 9})).isEqualTo(5.5);
        assertThat(BenchFailover.median(new long[] {3})).isEqualTo(3);
    }

    private static void assertCounts(ReadBack readBack, int lost, int duplicates, int disorder) {
        assertThat(List.of(readBack.lost(), readBack.duplicates(), readBack.disorder()))
                .containsExactly(lost, duplicates, disorder);
    }

    private static Place place(int partition, int leader) {
        return new Place(partition, OptionalInt.of(leader), new TreeSet<>(List.of(1, 2, 3)));
    }

    private static AckTimeline timeline(long... timesNs) {
        var timeline = new AckTimeline();
        for (var timeNs : timesNs) {
            timeline.add(timeNs);
        }
        return timeline;
    }
}
