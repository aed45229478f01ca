// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class WorkAgeTest {

    private final ArrayDeque<Runnable> pool = new ArrayDeque<>();
    private final AtomicLong nowMs = new AtomicLong(1_000);
    private final AtomicLong flushMs = new AtomicLong();
    private final WorkAge age =
            new WorkAge(pool::add, flushMs::get, () -> TimeUnit.MILLISECONDS.toNanos(nowMs.get()));

    @Test
    void isZeroWhileThePoolKeepsUp() {
        for (int beat = 0; beat < 5; beat++) {
            assertThat(age.getAsLong()).isZero();
            pool.remove().run();
            nowMs.addAndGet(300);
        }
    }

    @Test
    void growsWhileTurnsGetNoThread() {
        age.getAsLong();
        nowMs.addAndGet(700);
        assertThat(age.getAsLong()).isEqualTo(700);
        nowMs.addAndGet(700);
        assertThat(age.getAsLong()).isEqualTo(1_400);
        // One probe at a time, however long it takes.
        assertThat(pool).hasSize(1);

        pool.remove().run();
        assertThat(age.getAsLong()).isZero();
    }

    @Test
    void isThatOfTheOldestFlushIfThatIsOlder() {
        flushMs.set(2_500);

        assertThat(age.getAsLong()).isEqualTo(2_500);
    }

    @Test
    void doesNotCountAPoolThatIsClosing() {
        var closing =
                new WorkAge(
                        _ -> {
                            throw new RejectedExecutionException();
                        },
                        flushMs::get,
                        () -> TimeUnit.MILLISECONDS.toNanos(nowMs.get()));
        closing.getAsLong();
        nowMs.addAndGet(5_000);

        assertThat(closing.getAsLong()).isZero();
    }
}
