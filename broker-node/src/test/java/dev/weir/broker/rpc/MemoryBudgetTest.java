// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.rpc.MemoryBudget.Admission;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class MemoryBudgetTest {

    private final MemoryBudget budget = new MemoryBudget(100);
    private final List<String> ran = new ArrayList<>();

    @Test
    void letsInWhatFitsAndMakesTheRestWaitInTurn() {
        assertThat(acquire(60, "a")).isEqualTo(Admission.ADMITTED);
        assertThat(acquire(60, "b")).isEqualTo(Admission.WAITS);
        assertThat(acquire(10, "c")).isEqualTo(Admission.WAITS);
        assertThat(ran).isEmpty();

        budget.release(60);

        assertThat(ran).containsExactly("b", "c");
        assertThat(budget.usedBytes()).isEqualTo(70);
    }

    @Test
    void refusesWhatWouldMakeTheQueueLargerThanTheBudget() {
        acquire(100, "a");
        acquire(80, "b");

        assertThat(acquire(21, "c")).isEqualTo(Admission.REFUSED);
        assertThat(acquire(20, "d")).isEqualTo(Admission.WAITS);
    }

    @Test
    void letsARequestAboveTheWholeBudgetInAlone() {
        assertThat(acquire(1_000, "large")).isEqualTo(Admission.ADMITTED);
        assertThat(budget.tryAcquire(1)).isFalse();

        budget.release(1_000);

        assertThat(budget.tryAcquire(1)).isTrue();
    }

    @Test
    void oneThatFailsWhenItIsLetInKeepsNobodyOut() {
        acquire(100, "a");
        budget.acquire(
                40,
                () -> {
                    throw new IllegalStateException("planted");
                });
        acquire(40, "b");

        budget.release(100);
        acquire(40, "c");
        budget.release(40);

        assertThat(ran).containsExactly("b", "c");
    }

    @Test
    void letsALongQueueInOneAfterTheOtherNeverInside() {
        var one = new MemoryBudget(10_000);
        one.acquire(10_000, () -> {});
        for (int i = 0; i < 10_000; i++) {
            // Each takes its part and gives it back at once.
            one.acquire(1, () -> one.release(1));
        }

        one.release(10_000);

        assertThat(one.usedBytes()).isZero();
    }

    @Test
    void noticesBytesThatAreReleasedTwice() {
        acquire(10, "a");
        budget.release(10);

        assertThatThrownBy(() -> budget.release(10)).isInstanceOf(IllegalStateException.class);
    }

    private Admission acquire(long bytes, String name) {
        return budget.acquire(bytes, () -> ran.add(name));
    }
}
