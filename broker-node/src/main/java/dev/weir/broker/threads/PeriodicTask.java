// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.threads;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Work in rounds, with a pause between two of them. A round that fails is logged, and the next one
/// comes all the same: an executor by itself drops a periodic task that throws, and says nothing.
public final class PeriodicTask {

    private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);

    private final String name;
    private final Runnable round;
    private final Consumer<Throwable> onFailure;

    private PeriodicTask(String name, Runnable round, Consumer<Throwable> onFailure) {
        this.name = name;
        this.round = round;
        this.onFailure = onFailure;
    }

    /// Begins a pause from now.
    ///
    /// @param threads where it runs, one round at a time
    /// @param periodMs between the end of a round and the begin of the next
    /// @param name what it does, for people
    /// @return to cancel it
    public static ScheduledFuture<?> start(
            ScheduledExecutorService threads, long periodMs, String name, Runnable round) {
        return start(threads, periodMs, name, round, _ -> {});
    }

    /// Begins a pause from now.
    ///
    /// @param onFailure ends what must not go on without the round that failed
    /// @return to cancel it
    public static ScheduledFuture<?> start(
            ScheduledExecutorService threads,
            long periodMs,
            String name,
            Runnable round,
            Consumer<Throwable> onFailure) {
        var task = new PeriodicTask(name, round, onFailure);
        return threads.scheduleWithFixedDelay(task::run, periodMs, periodMs, TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            round.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A round failed: {}", name, e);
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        try {
            onFailure.accept(failure);
        } catch (RuntimeException | Error e) {
            LOG.error("What failed could not be ended: {}", name, e);
        }
    }
}
