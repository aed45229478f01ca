// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.threads.NamedThreads;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The node's one timer for streams and waiting calls. Tasks only enqueue or end a stream.
///
/// **Threading:** any thread.
public final class StreamTimers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamTimers.class);

    private final ScheduledThreadPoolExecutor executor;

    public StreamTimers() {
        executor = new ScheduledThreadPoolExecutor(1, new NamedThreads("stream-timer"));
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /// Runs a task once, later, unless it is cancelled. After [#close] nothing runs.
    Future<?> after(long delayMs, Runnable task) {
        return executor.schedule(() -> logged(task), delayMs, TimeUnit.MILLISECONDS);
    }

    /// An executor keeps a failure for whoever asks for the outcome, which is nobody.
    private static void logged(Runnable task) {
        try {
            task.run();
        } catch (RejectedExecutionException closing) {
            LOG.debug("a timed task could not go on: the node stops", closing);
        } catch (RuntimeException | Error e) {
            LOG.error("A timed task of a stream or call failed", e);
        }
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
