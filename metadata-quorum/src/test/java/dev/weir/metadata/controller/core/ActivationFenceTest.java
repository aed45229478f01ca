// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The fence under everything that leadership changes can do to a log of proposals. Each rule of
/// the fence has a test of its own beside the image; here they are tried together.
class ActivationFenceTest {

    private static final long SEEDS = Long.getLong("fence.seeds", 400);
    private static final int STEPS = 1_000;

    @Test
    void decisionsApplyOnlyOnTheImageTheyWereMadeOnAndTellTheTruth() {
        var applied = 0;
        var told = 0;
        var unknown = 0;
        var skipped = 0;
        for (var seed = 1L; seed <= SEEDS; seed++) {
            // Given
            var log = new AdversarialLog(seed, 2 + (int) (seed % 2));

            // When
            try {
                for (var i = 0; i < STEPS; i++) {
                    log.step();
                }

                // Then
                assertThat(log.settles()).as("seed %d: goes on after the faults", seed).isTrue();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            applied += log.appliedDecisions;
            told += log.told;
            unknown += log.unknown;
            skipped += log.skipped;
        }
        assertThat(applied).as("decisions applied").isGreaterThan((int) SEEDS * 5);
        assertThat(told).as("callers told").isGreaterThan((int) SEEDS * 3);
        assertThat(unknown).as("callers told that nobody knows").isGreaterThan((int) SEEDS / 4);
        assertThat(skipped).as("entries that the fence skipped").isGreaterThan((int) SEEDS / 4);
    }
}
