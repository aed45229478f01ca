// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

/// Hears of one fetch, once.
///
/// **Threading:** the caller's thread for hot data and refusals, a reader thread for cold data, the
/// thread that drained the partition for a parked fetch. Must not block.
@FunctionalInterface
public interface FetchListener {

    /// The answer.
    ///
    /// @param outcome when it is `Data`, the listener owns the slice and must release it
    void onOutcome(FetchOutcome outcome);
}
