// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.core.BatchFailure;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/// Thousands of seconds of a producer's life with a cluster that loses, delays, cuts, refuses,
/// ignores and moves leaders, in virtual time, each from one seed.
class ProducerSimulationTest {

    private static final int SEEDS = Integer.getInteger("sim.seeds", 400);

    @Test
    void whatIsDeliveredIsStoredOnceInOrderWhereItWasSaidAndNothingElseIsStoredTwice() {
        int delivered = 0;
        int unknown = 0;
        int refused = 0;
        int newEpochs = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var run = new ProducerSimulation(seed);
            try {
                run.run();
                check(run);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            delivered += run.delivered.size();
            refused +=
                    (int)
                            run.failed.values().stream()
                                    .filter(failure -> failure instanceof BatchFailure.Refused)
                                    .count();
            unknown += run.failed.size();
            newEpochs += run.epochsGiven;
        }
        // The faults did happen.
        assertThat(delivered).isGreaterThan(SEEDS * 100);
        assertThat(unknown - refused).isGreaterThan(SEEDS / 10);
        assertThat(refused).isGreaterThan(SEEDS / 2);
        assertThat(newEpochs).isGreaterThan(SEEDS / 2);
    }

    private static void check(ProducerSimulation run) {
        assertThat(Collections.disjoint(run.delivered.keySet(), run.failed.keySet()))
                .as("told one thing")
                .isTrue();
        assertThat(run.delivered.size() + run.failed.size())
                .as("each told once")
                .isEqualTo(run.sent);
        var offsets = new HashMap<Integer, String>();
        for (int p = 0; p < ProducerSimulation.PARTITIONS; p++) {
            var values = run.log(p).values();
            int last = -1;
            for (int offset = 0; offset < values.size(); offset++) {
                int value = Integer.parseInt(values.get(offset));
                assertThat(value)
                        .as("partition %d, offset %d: order, once", p, offset)
                        .isGreaterThan(last);
                last = value;
                offsets.put(value, p + "@" + offset);
            }
        }
        run.delivered.forEach(
                (value, place) ->
                        assertThat(offsets.get(value)).as("record %d", value).isEqualTo(place));
        var stored = new HashSet<>(offsets.keySet());
        for (Map.Entry<Integer, BatchFailure> entry : run.failed.entrySet()) {
            boolean mayBeStored =
                    switch (entry.getValue()) {
                        case BatchFailure.Refused _ -> false;
                        case BatchFailure.TimedOut timedOut -> timedOut.isOutcomeUnknown();
                        case BatchFailure.OutcomeUnknown _ -> true;
                    };
            if (!mayBeStored) {
                assertThat(stored).as("%s", entry.getValue()).doesNotContain(entry.getKey());
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameEffects() {
        var one = new ProducerSimulation(42);
        var two = new ProducerSimulation(42);
        one.run();
        two.run();

        assertThat(two.trace).isEqualTo(one.trace);
        assertThat(one.trace).hasSizeGreaterThan(100);
    }
}
