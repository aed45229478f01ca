// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.rpc.MemoryBudget.Admission;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

class MemorySharesTest {

    private static final int REQUEST_BYTES = 1_000;

    @ParameterizedTest
    @CsvSource({"67108864, 1", "67108864, 10", "536870912, 30", "100000007, 50"})
    void allThatIsHeldAndAllThatWaitsFitsIntoThePercentage(long heapBytes, int percent) {
        var shares = MemoryShares.of(heapBytes, percent);

        long taken = 0;
        for (var budget : budgets(shares)) {
            taken += fill(budget);
        }

        assertThat(taken)
                .isLessThanOrEqualTo(heapBytes / 100 * percent)
                .isGreaterThan(heapBytes / 100 * percent * 9 / 10);
    }

    private static List<MemoryBudget> budgets(MemoryShares shares) {
        var budgets = new ArrayList<MemoryBudget>();
        budgets.add(new MemoryBudget(shares.clientBytes()));
        budgets.add(new MemoryBudget(shares.forwardedBytes()));
        for (var _ : Lane.values()) {
            budgets.add(new MemoryBudget(shares.laneBytes()));
        }
        return budgets;
    }

    /// @return bytes that were not refused
    private static long fill(MemoryBudget budget) {
        long taken = 0;
        while (budget.acquire(REQUEST_BYTES, () -> {}) != Admission.REFUSED) {
            taken += REQUEST_BYTES;
        }
        return taken;
    }
}
