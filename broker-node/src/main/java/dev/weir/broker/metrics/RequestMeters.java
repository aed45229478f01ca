// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

/// Counts what clients ask and get. Any thread; never blocks.
public interface RequestMeters {

    /// Counts nothing.
    RequestMeters NONE = new RequestMeters() {};

    /// A produce request came.
    ///
    /// @param bytes size of the request message
    default void produceReceived(long bytes) {}

    /// Records were stored and acknowledged.
    default void produced(long records) {}

    /// A request had to wait for memory.
    default void budgetWait() {}

    /// Batches went to a reader.
    ///
    /// @param bytes size of the batches
    default void fetched(long bytes) {}

    /// A call or request was refused.
    ///
    /// @param api `produce`, `fetch`, `metadata` or `admin`
    /// @param reason the documented reason
    default void refused(String api, String reason) {}

    /// A stream opened or closed.
    ///
    /// @param api `produce`, `fetch` or `watch`
    /// @param change 1 or -1
    default void streams(String api, int change) {}
}
