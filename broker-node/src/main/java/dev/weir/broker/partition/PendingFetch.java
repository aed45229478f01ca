// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

/// A fetch that may still be waiting.
public interface PendingFetch {

    /// Withdraws it.
    ///
    /// **Threading:** any thread; a second call does nothing.
    ///
    /// @return `true` if the listener will never be called; `false` if it was, or is about to be
    boolean cancel();
}
