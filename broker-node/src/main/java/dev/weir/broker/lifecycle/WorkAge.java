// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How long this node's oldest work has been waiting: a flush that does not end, or turns that do
/// not get a thread. Heartbeats carry it, so that a broker that lives but does not work is seen.
///
/// Turns are measured by one of our own, sent through the pool that runs them.
///
/// **Threading:** one caller; the probe runs on the pool.
public final class WorkAge implements LongSupplier {

    private static final long NONE = Long.MIN_VALUE;

    private final Executor workers;
    private final LongSupplier oldestFlushMs;
    private final LongSupplier nanoTime;

    /// When the probe was handed to the pool; [#NONE] when it came through.
    private final AtomicLong probeSince = new AtomicLong(NONE);

    /// @param workers run the partitions' turns
    /// @param oldestFlushMs age of the oldest flush under way, 0 if there is none
    /// @param nanoTime monotonic time in nanoseconds
    public WorkAge(Executor workers, LongSupplier oldestFlushMs, LongSupplier nanoTime) {
        this.workers = workers;
        this.oldestFlushMs = oldestFlushMs;
        this.nanoTime = nanoTime;
    }

    /// The age now, in milliseconds; sends the next probe.
    @Override
    public long getAsLong() {
        long now = nanoTime.getAsLong();
        long since = probeSince.get();
        long turnMs = since == NONE ? 0 : (now - since) / 1_000_000;
        if (since == NONE) {
            probeSince.set(now);
            try {
                workers.execute(() -> probeSince.set(NONE));
            } catch (RejectedExecutionException closing) {
                probeSince.set(NONE);
            }
        }
        return Math.max(turnMs, oldestFlushMs.getAsLong());
    }
}
