// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

class FollowedOffsetTest {

    private final FollowedOffset followed = new FollowedOffset();

    @Test
    void wakesThoseWhoseOffsetIsReachedAndNoOthers() {
        var five = followed.atLeast(5);
        var ten = followed.atLeast(10);

        followed.advance(7);

        assertThat(five).isCompleted();
        assertThat(ten).isNotCompleted();
        assertThat(followed.atLeast(7)).isCompleted();
    }

    @Test
    void whoGivesUpTakesNobodyWithHim() {
        var patient = followed.atLeast(5);
        var impatient = followed.atLeast(5);

        impatient.orTimeout(1, TimeUnit.MILLISECONDS).exceptionally(_ -> null).join();
        assertThat(patient).isNotCompleted();
        followed.advance(5);

        assertThat(patient).isCompleted();
    }
}
