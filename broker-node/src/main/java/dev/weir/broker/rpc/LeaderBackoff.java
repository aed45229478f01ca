// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// The pauses between tries to be served by a leader that refuses or cannot be reached: long enough
/// for an election to make progress, short enough not to be noticed beside it.
final class LeaderBackoff {

    private static final long FIRST_MS = 10;
    private static final long MAX_MS = 100;

    private long pauseMs = FIRST_MS;

    /// The pause before the next try, in milliseconds; the one after it is twice as long.
    long nextMs() {
        long next = pauseMs;
        pauseMs = Math.min(MAX_MS, pauseMs * 2);
        return next;
    }

    /// A leader was found: the next pause is short again.
    void reset() {
        pauseMs = FIRST_MS;
    }
}
