// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class LatencyHistogramTest {

    @Test
    void percentilesAreThoseOfTheSortedDurationsWithinOnePercent() {
        var random = new Random(7);
        var histogram = new LatencyHistogram();
        var durations = new long[100_000];
        for (var i = 0; i < durations.length; i++) {
            durations[i] = (long) Math.exp(random.nextDouble() * 24);
            histogram.record(durations[i]);
        }
        Arrays.sort(durations);

        for (var fraction : new double[] {0.001, 0.5, 0.99, 0.999, 1}) {
            var exact = durations[(int) Math.ceil(fraction * durations.length) - 1] / 1e6;
            assertThat(histogram.percentileMs(fraction))
                    .isCloseTo(exact, Percentage.withPercentage(1));
        }
        assertThat(histogram.maxMs()).isEqualTo(durations[durations.length - 1] / 1e6);
    }

    @Test
    void takesEveryDurationThatALongCanHold() {
        var histogram = new LatencyHistogram();

        histogram.record(-1);
        histogram.record(0);
        histogram.record(Long.MAX_VALUE);

        assertThat(histogram.count()).isEqualTo(3);
        assertThat(histogram.percentileMs(0.5)).isZero();
        assertThat(histogram.percentileMs(1)).isEqualTo(Long.MAX_VALUE / 1e6);
    }

    @Test
    void isZeroWhenNothingWasRecorded() {
        assertThat(new LatencyHistogram().toJson())
                .hasToString("{\"p50\":0,\"p99\":0,\"p999\":0,\"max\":0}");
    }
}
