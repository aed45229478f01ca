// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// Virtual time: one queue of events by (time, due time, sequence), one source of randomness.
///
/// An event may belong to one life of a process: it is dropped when that life is over, and put off
/// while the process is stopped. What was put off keeps its order: a mailbox stays one.
final class Engine {

    private static final int TRACE_LINES = 400;

    /// A process to which events belong.
    interface Process {

        /// Number of the current life; 0 while it is down.
        long life();

        /// Virtual time in milliseconds until which it is stopped.
        long stoppedUntilMs();

        /// Runs a task of it: what the task throws is the process's affair.
        void run(Runnable task);
    }

    private static final class Event implements Comparable<Event> {
        /// When it runs: when it was due, or when its process goes on.
        long atMs;

        long dueMs;
        long sequence;
        @Nullable Process process;
        long life;
        String what = "";
        Runnable task = () -> {};

        @Override
        public int compareTo(Event other) {
            if (atMs != other.atMs) {
                return Long.compare(atMs, other.atMs);
            }
            return dueMs != other.dueMs
                    ? Long.compare(dueMs, other.dueMs)
                    : Long.compare(sequence, other.sequence);
        }
    }

    final SplittableRandom random;
    private final PriorityQueue<Event> queue = new PriorityQueue<>(1024);
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private final boolean isTracing;
    private final long seed;
    private long nowMs;
    private long lastSequence;
    private long events;
    private long hash = 17;

    Engine(long seed, boolean isTracing) {
        this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
        this.isTracing = isTracing;
        this.seed = seed;
    }

    /// Randomness of its own: what it decides leaves every other draw as it is.
    SplittableRandom aside(long salt) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + salt);
    }

    long nowMs() {
        return nowMs;
    }

    long events() {
        return events;
    }

    /// Of everything that happened so far, in order.
    long hash() {
        return hash;
    }

    /// Adds to the hash what an event led to.
    void mix(long value) {
        hash = hash * 31 + value;
    }

    boolean isTracing() {
        return isTracing;
    }

    void trace(String line) {
        if (isTracing) {
            trace.add(nowMs + " " + line);
            if (trace.size() > TRACE_LINES) {
                trace.remove();
            }
        }
    }

    Iterable<String> traceTail() {
        return trace;
    }

    /// A number from 0 to `bound`, exclusive; 0 for a bound that leaves none.
    int below(int bound) {
        return bound <= 1 ? 0 : random.nextInt(bound);
    }

    boolean chance(int perMille) {
        return perMille > 0 && random.nextInt(1000) < perMille;
    }

    int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    /// Something that happens whoever is up.
    void at(long delayMs, String what, Runnable task) {
        add(delayMs, null, 0, what, task);
    }

    /// Something that the current life of a process does later.
    void on(Process process, long delayMs, String what, Runnable task) {
        add(delayMs, process, process.life(), what, task);
    }

    /// Something that reaches whatever life the process then has, if it has one.
    void to(Process process, long delayMs, String what, Runnable task) {
        add(delayMs, process, -1, what, task);
    }

    private void add(
            long delayMs, @Nullable Process process, long life, String what, Runnable task) {
        var event = new Event();
        event.atMs = nowMs + delayMs;
        event.dueMs = event.atMs;
        event.sequence = ++lastSequence;
        event.process = process;
        event.life = life;
        event.what = what;
        event.task = task;
        queue.add(event);
    }

    /// What was put off for a process is due now: it goes on.
    void release(Process process) {
        var held = queue.stream().filter(e -> e.process == process && e.atMs > e.dueMs).toList();
        queue.removeAll(held);
        held.forEach(e -> e.atMs = Math.max(e.dueMs, nowMs));
        queue.addAll(held);
    }

    /// Runs the next event.
    ///
    /// @return `false` if there is none up to `endMs`
    boolean step(long endMs) {
        while (true) {
            var event = queue.peek();
            if (event == null || event.atMs > endMs) {
                nowMs = endMs;
                return false;
            }
            queue.remove();
            nowMs = event.atMs;
            var process = event.process;
            if (process == null) {
                count(event);
                event.task.run();
                return true;
            }
            var life = process.life();
            if (life == 0 || (event.life >= 0 && event.life != life)) {
                continue;
            }
            if (process.stoppedUntilMs() > nowMs) {
                event.atMs = process.stoppedUntilMs();
                queue.add(event);
                continue;
            }
            count(event);
            process.run(event.task);
            return true;
        }
    }

    private void count(Event event) {
        events++;
        hash = hash * 31 + event.atMs;
        hash = hash * 31 + event.what.hashCode();
    }
}
