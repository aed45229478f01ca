// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

/// Counts what goes over the streams. Any thread; never blocks.
public interface LinkMeters {

    /// Counts nothing.
    LinkMeters NONE = new LinkMeters() {};

    /// Pushed batches were handed to the network.
    default void pushed(long bytes) {}

    /// Pushed batches came.
    default void received(long bytes) {}

    /// A stream was agreed on, or ended.
    ///
    /// @param change 1 or -1
    default void links(int change) {}

    /// A stream that had been agreed on ended.
    default void linkBroken() {}
}
