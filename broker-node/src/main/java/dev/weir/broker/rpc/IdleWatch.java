// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import java.util.function.BooleanSupplier;

/// Ends a stream that is silent for too long.
///
/// **Threading:** any thread.
final class IdleWatch {

    private final StreamTimers timers;
    private final long idleMs;
    private final BooleanSupplier mayBeIdle;
    private final Runnable onIdle;
    private volatile long lastActiveMs = StreamTimers.nowMs();
    private volatile boolean closed;

    /// @param idleMs silence that is too long
    /// @param mayBeIdle whether the silence is the other side's: nothing is owed to it
    /// @param onIdle ends the stream; called at most once
    IdleWatch(StreamTimers timers, long idleMs, BooleanSupplier mayBeIdle, Runnable onIdle) {
        this.timers = timers;
        this.idleMs = idleMs;
        this.mayBeIdle = mayBeIdle;
        this.onIdle = onIdle;
    }

    void start() {
        schedule(idleMs);
    }

    /// Something happened.
    void touch() {
        lastActiveMs = StreamTimers.nowMs();
    }

    void close() {
        closed = true;
    }

    private void schedule(long delayMs) {
        var _ = timers.after(delayMs, this::check);
    }

    private void check() {
        if (closed) {
            return;
        }
        if (!mayBeIdle.getAsBoolean()) {
            touch();
        }
        long leftMs = lastActiveMs + idleMs - StreamTimers.nowMs();
        if (leftMs <= 0) {
            closed = true;
            onIdle.run();
        } else {
            schedule(leftMs);
        }
    }
}
