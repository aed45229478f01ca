// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.threads.NamedThreads;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The node's one timer for streams and waiting calls. Tasks only enqueue or end a stream.
///
/// **Threading:** any thread.
public final class StreamTimers implements AutoCloseable {

    private final ScheduledThreadPoolExecutor executor;

    public StreamTimers() {
        executor =
                new ScheduledThreadPoolExecutor(1, new NamedThreads("stream-timer"));
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /// Runs a task once, later, unless it is cancelled. After [#close] nothing runs.
    Future<?> after(long delayMs, Runnable task) {
        return executor.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        executor.shutdown();
    }

    /// Monotonic time, in milliseconds.
    static long nowMs() {
        return Math.floorDiv(System.nanoTime(), 1_000_000L);
    }
}
