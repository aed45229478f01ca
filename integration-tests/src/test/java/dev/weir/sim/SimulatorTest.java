// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/// Seeds of the whole cluster. One seed again: `./weir-sim SEED`; more of them:
/// `-Dsim.seeds=20000`, others: `-Dsim.from=100000`.
class SimulatorTest {

    private static final int THREADS = Runtime.getRuntime().availableProcessors();

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void everyInvariantHoldsInEverySeed() {
        long from = Long.getLong("sim.from", 1);
        long count = Long.getLong("sim.seeds", 2_000);

        var summary = Seeds.run(from, count, THREADS, false, System.out::println);

        assertThat(summary.complaints()).isEmpty();
        assertThat(summary.seeds()).isEqualTo(count);
    }

    @Test
    void theSameSeedGoesTheSameWay() {
        Quiet.logs();
        var first = new ArrayList<Long>();
        var second = new ArrayList<Long>();
        for (long seed = 1; seed <= 10; seed++) {
            first.add(Simulation.run(seed, false).hash());
            second.add(Simulation.run(seed, true).hash());
        }

        assertThat(second).isEqualTo(first).doesNotHaveDuplicates();
    }
}
