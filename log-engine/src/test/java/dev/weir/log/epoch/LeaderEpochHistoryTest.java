// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.epoch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.epoch.LeaderEpochHistory.Entry;
import dev.weir.log.epoch.LeaderEpochHistory.EpochEnd;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

class LeaderEpochHistoryTest {

    private static final long LOG_END = 100;

    /// Epochs 2, 5 and 9 wrote 10..20, 20..50 and 50..100.
    private final LeaderEpochHistory history = history(2, 10, 5, 20, 9, 50);

    @Test
    void anEmptyHistoryCanSayNothing() {
        assertThat(LeaderEpochHistory.empty().latestEpoch()).isEmpty();
        assertThat(LeaderEpochHistory.empty().endOffsetFor(0, 0)).isEmpty();
    }

    @Test
    void theLatestEpochEndsAtTheLogEnd() {
        assertThat(history.endOffsetFor(9, LOG_END)).hasValue(new EpochEnd(9, LOG_END));
    }

    @Test
    void anOlderEpochEndsWhereTheNextBegins() {
        assertThat(history.endOffsetFor(2, LOG_END)).hasValue(new EpochEnd(2, 20));
        assertThat(history.endOffsetFor(5, LOG_END)).hasValue(new EpochEnd(5, 50));
    }

    @Test
    void anEpochThatWroteNothingIsAnsweredByTheLargestBelowIt() {
        assertThat(history.endOffsetFor(3, LOG_END)).hasValue(new EpochEnd(2, 20));
        assertThat(history.endOffsetFor(8, LOG_END)).hasValue(new EpochEnd(5, 50));
    }

    @Test
    void anEpochBelowAllEndsWhereTheOldestBegins() {
        assertThat(history.endOffsetFor(1, LOG_END)).hasValue(new EpochEnd(1, 10));
    }

    @Test
    void nothingIsSaidAboutAnEpochAboveTheLatest() {
        assertThat(history.endOffsetFor(10, LOG_END)).isEmpty();
    }

    @Test
    void assigningTheLatestEpochAgainChangesNothing() {
        assertThat(history.assign(9, 60)).isSameAs(history);
    }

    @Test
    void aNewEpochBeginsAtItsFirstRecord() {
        assertThat(history.assign(11, 100)).isEqualTo(history(2, 10, 5, 20, 9, 50, 11, 100));
        assertThat(LeaderEpochHistory.empty().assign(0, 0)).isEqualTo(history(0, 0));
    }

    @Test
    void anEpochAtTheSameOffsetReplacesTheOneThatWroteNothing() {
        assertThat(history.assign(10, 50)).isEqualTo(history(2, 10, 5, 20, 10, 50));
    }

    @Test
    void refusesAnEpochOrAnOffsetThatFalls() {
        assertThatThrownBy(() -> history.assign(8, 100))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> history.assign(10, 49))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> history(2, 10, 2, 20))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> history(2, 10, 3, 10))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCutDropsTheEpochsThatBeginAtOrAboveIt() {
        assertThat(history.truncateFromEnd(100)).isSameAs(history);
        assertThat(history.truncateFromEnd(51)).isSameAs(history);
        assertThat(history.truncateFromEnd(50)).isEqualTo(history(2, 10, 5, 20));
        assertThat(history.truncateFromEnd(15)).isEqualTo(history(2, 10));
        assertThat(history.truncateFromEnd(10)).isEqualTo(LeaderEpochHistory.empty());
    }

    @Test
    void comesBackFromItsPersistedForm() {
        var bytes = ByteBuffer.wrap(history.encode());

        assertThat(LeaderEpochHistory.decode(bytes)).isEqualTo(history);
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(LeaderEpochHistory.decode(ByteBuffer.wrap(LeaderEpochHistory.empty().encode())))
                .isEqualTo(LeaderEpochHistory.empty());
    }

    @Test
    void refusesBytesThatAreNoHistory() {
        var bytes = history.encode();
        for (var length = 0; length < bytes.length; length++) {
            var cut = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> LeaderEpochHistory.decode(cut))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        var huge = ByteBuffer.allocate(4).putInt(0, Integer.MAX_VALUE);
        assertThatThrownBy(() -> LeaderEpochHistory.decode(huge))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static LeaderEpochHistory history(long... epochsAndOffsets) {
        var entries = new Entry[epochsAndOffsets.length / 2];
        for (var i = 0; i < entries.length; i++) {
            entries[i] = new Entry((int) epochsAndOffsets[2 * i], epochsAndOffsets[2 * i + 1]);
        }
        return new LeaderEpochHistory(List.of(entries));
    }
}
