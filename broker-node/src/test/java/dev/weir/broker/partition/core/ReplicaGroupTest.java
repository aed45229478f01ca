// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The rules of replication together, over many random histories. One seed again:
/// `-Dreplica.group.from=SEED -Dreplica.group.seeds=1`.
class ReplicaGroupTest {

    private static final long FROM = Long.getLong("replica.group.from", 1);
    private static final long SEEDS = Long.getLong("replica.group.seeds", 25);

    @Test
    void nothingCommittedIsLostAndEverythingHeals() {
        var elections = 0;
        var shrinks = 0;
        var joins = 0;
        var truncations = 0;
        var resets = 0;
        var lostTails = 0;
        for (var seed = FROM; seed < FROM + SEEDS; seed++) {
            var group = new ReplicaGroup(seed);
            try {
                group.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            elections += group.controller.elections;
            shrinks += group.controller.shrinks;
            joins += group.controller.joins;
            truncations += group.truncations;
            resets += group.resets;
            lostTails += group.lostTails;
        }
        if (SEEDS >= 25) {
            assertThat(elections).as("elections").isGreaterThan(25);
            assertThat(shrinks).as("shrinks").isGreaterThan(25);
            assertThat(joins).as("joins").isGreaterThan(25);
            assertThat(truncations).as("truncations").isGreaterThan(5);
            assertThat(resets).as("resets").isPositive();
            assertThat(lostTails).as("lost tails").isGreaterThan(5);
        }
    }
}
