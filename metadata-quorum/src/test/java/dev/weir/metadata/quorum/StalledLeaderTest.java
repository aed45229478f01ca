// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static dev.weir.metadata.quorum.StalledLeader.PATIENCE_MS;
import static dev.weir.metadata.quorum.StalledLeader.PATIENCE_MS_MAX;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StalledLeaderTest {

    private final StalledLeader stall = new StalledLeader();
    private long nowMs = 1_000;

    private boolean unready(long committed, long last, long passedMs) {
        nowMs += passedMs;
        return stall.isStalled(true, false, committed, last, nowMs);
    }

    @Test
    void aLeaderWhoseFirstEntryStaysUncommittedStepsDown() {
        assertThat(unready(9, 10, 0)).isFalse();
        assertThat(unready(9, 10, PATIENCE_MS - 1)).isFalse();
        assertThat(unready(9, 10, 1)).isTrue();
        assertThat(unready(9, 10, 0)).as("once").isFalse();
    }

    @Test
    void aLeaderThatAppliesWhatIsCommittedHasItsTime() {
        assertThat(unready(10, 10, 0)).isFalse();
        assertThat(unready(10, 10, 100 * PATIENCE_MS)).isFalse();
    }

    @Test
    void aLeaderThatCommitsOnHasItsTime() {
        assertThat(unready(5, 10, 0)).isFalse();
        assertThat(unready(6, 10, PATIENCE_MS)).isFalse();
        assertThat(unready(6, 10, PATIENCE_MS - 1)).isFalse();
    }

    @Test
    void aFollowerIsNotAsked() {
        assertThat(stall.isStalled(false, false, 9, 10, 0)).isFalse();
        assertThat(stall.isStalled(false, false, 9, 10, 100 * PATIENCE_MS)).isFalse();
    }

    @Test
    void thePatienceDoublesUntilALeaderIsReady() {
        for (var patience = PATIENCE_MS; patience < PATIENCE_MS_MAX; patience *= 2) {
            assertThat(unready(9, 10, 0)).isFalse();
            assertThat(unready(9, 10, patience - 1)).isFalse();
            assertThat(unready(9, 10, 1)).isTrue();
            assertThat(stall.isStalled(false, false, 9, 10, nowMs)).isFalse();
        }
        assertThat(stall.isStalled(true, true, 11, 11, nowMs)).isFalse();
        assertThat(unready(9, 10, 0)).isFalse();
        assertThat(unready(9, 10, PATIENCE_MS)).isTrue();
    }
}
