// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.epoch.LeaderEpochHistory.Entry;
import dev.weir.log.producer.ProducerStates;

import org.junit.jupiter.api.Test;

import java.util.List;

class LogComparisonTest {

    /// Epoch 2 wrote 0 to 10, epoch 5 wrote 10 to 20.
    private static LogComparison compare(long logStart, long fetchOffset, int lastEpoch) {
        return compare(
                logStart,
                20,
                List.of(new Entry(2, logStart), new Entry(5, Math.max(logStart + 1, 10))),
                fetchOffset,
                lastEpoch);
    }

    private static LogComparison compare(
            long logStart, long logEnd, List<Entry> epochs, long fetchOffset, int lastEpoch) {
        var log =
                new TestLog(
                        new LogState(logStart, logEnd, logEnd, -1, logStart),
                        new ProducerStates(1, 0));
        log.epochs = new LeaderEpochHistory(epochs);
        return LogComparison.of(log, logEnd, fetchOffset, lastEpoch);
    }

    @Test
    void goesOnWhereTheLastEpochReachesAsFarHere() {
        assertThat(compare(0, 20, 5)).isEqualTo(new LogComparison.Same());
        assertThat(compare(0, 15, 5)).isEqualTo(new LogComparison.Same());
        assertThat(compare(0, 10, 2)).isEqualTo(new LogComparison.Same());
        assertThat(compare(0, 0, -1)).isEqualTo(new LogComparison.Same());
    }

    @Test
    void partsAtTheEndOfTheFollowersEpoch() {
        assertThat(compare(0, 12, 2)).isEqualTo(new LogComparison.Diverged(2, 10));
        assertThat(compare(0, 25, 5)).isEqualTo(new LogComparison.Diverged(5, 20));
    }

    @Test
    void partsAtTheEndOfTheLargestEpochBelowOneThatIsNotHere() {
        assertThat(compare(0, 8, 3)).isEqualTo(new LogComparison.Diverged(2, 10));
        assertThat(compare(0, 15, 7)).isEqualTo(new LogComparison.Diverged(5, 20));
    }

    @Test
    void hasNothingInCommonWithAnEpochBelowTheOldest() {
        assertThat(compare(0, 5, 1)).isEqualTo(new LogComparison.Diverged(-1, 0));
        assertThat(compare(0, 0, List.of(), 5, 1)).isEqualTo(new LogComparison.Diverged(-1, 0));
    }

    @Test
    void beginsAnewWhatLiesBelowTheLogStart() {
        assertThat(compare(6, 5, 2)).isEqualTo(new LogComparison.Apart());
        assertThat(compare(6, 8, 1)).isEqualTo(new LogComparison.Apart());
        assertThat(compare(6, 0, -1)).isEqualTo(new LogComparison.Apart());
    }

    @Test
    void anEmptyLogHoldsNothingThatCouldDiffer() {
        assertThat(compare(0, 12, -1)).isEqualTo(new LogComparison.Same());
        assertThat(compare(0, 21, -1)).isEqualTo(new LogComparison.Apart());
    }
}
