// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Runs the events of one stream one after the other, each on the executor's thread. State that
/// only turns touch needs no lock.
///
/// Bounded by its users: a stream has one inbound message, one readiness event and one outcome a
/// subscription under way.
final class SerialTurns {

    private final Executor executor;
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private boolean running;

    /// @param executor where turns run; `Runnable::run` for the thread that brings the first event
    SerialTurns(Executor executor) {
        this.executor = executor;
    }

    /// Runs the event now, or after those that are running. An event that is offered during a turn
    /// runs after it, never inside.
    ///
    /// @throws RejectedExecutionException if the executor is full; the event will not run
    void run(Runnable event) {
        synchronized (queue) {
            queue.add(event);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            executor.execute(this::drain);
        } catch (RejectedExecutionException full) {
            synchronized (queue) {
                running = false;
                queue.remove(event);
            }
            throw full;
        }
    }

    /// Whether nothing runs or waits.
    boolean isIdle() {
        synchronized (queue) {
            return !running;
        }
    }

    private void drain() {
        boolean finished = false;
        try {
            for (var next = next(); next != null; next = next()) {
                next.run();
            }
            finished = true;
        } finally {
            if (!finished) {
                synchronized (queue) {
                    running = false;
                }
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (queue) {
            var next = queue.poll();
            running = next != null;
            return next;
        }
    }
}
