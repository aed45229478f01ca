// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ProduceOutcome;

/// Hears of one produce.
///
/// **Threading:** called on the caller's thread (refusals found before the mailbox), or on whatever
/// thread drained the partition: an event loop, a worker. Must not block. What it offers to a
/// mailbox runs after the current turn.
public interface ProduceListener {

    /// The bytes are not needed any more: the buffer may be re-used. Called once: when they are
    /// copied, possibly long before [#onOutcome]; or right after it where they never were, so that
    /// whoever hears of the refusal can still use them.
    default void onBatchReleased() {}

    /// The answer. Called once.
    void onOutcome(ProduceOutcome outcome);
}
