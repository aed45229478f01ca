// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.rpc.MemoryBudget;

/// How the budgets of a node divide `in.flight.memory.percent`: a third is for the requests of
/// clients, a third for those that other nodes forward, a third for batches from leaders, of which
/// each lane has its part.
///
/// Behind what a budget lets in, as many bytes may wait ([MemoryBudget]), and those are in memory
/// too: a budget's limit is half of its share.
///
/// @param clientBytes limit for requests of clients
/// @param forwardedBytes limit for requests that other nodes forward
/// @param laneBytes limit for each lane of batches from leaders
record MemoryShares(long clientBytes, long forwardedBytes, long laneBytes) {

    /// @param heapBytes the most that the process may use
    static MemoryShares of(long heapBytes, int percent) {
        long limit = heapBytes / 100 * percent / 3 / 2;
        return new MemoryShares(limit, limit, limit / Lane.values().length);
    }

    static MemoryShares of(BrokerConfig config) {
        return of(
                Runtime.getRuntime().maxMemory(),
                config.get(BrokerConfigKey.IN_FLIGHT_MEMORY_PERCENT));
    }
}
