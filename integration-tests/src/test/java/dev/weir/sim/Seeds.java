// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Runs many seeds, some at a time, and adds up what they came to.
public final class Seeds {

    /// Seeds in which each kind of fault must have landed.
    static final int BLOCK = 100;

    private static final int TRACE_SHOWN = 60;
    private static final long PROGRESS_NS = 20_000_000_000L;

    private final long from;
    private final long count;
    private final Consumer<String> out;
    private final AtomicLong next;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Counters[] blocks;
    private final List<Simulation.Outcome> violations = new ArrayList<>();
    private final boolean stopsAtFirst;
    private long done;
    private long events;
    private long virtualMs;
    private long cpuNs;
    private long reportedNs;
    private final long startedNs = System.nanoTime();

    private Seeds(long from, long count, boolean stopsAtFirst, Consumer<String> out) {
        this.from = from;
        this.count = count;
        this.out = out;
        this.next = new AtomicLong(from);
        this.stopsAtFirst = stopsAtFirst;
        this.blocks = new Counters[Math.toIntExact((count + BLOCK - 1) / BLOCK)];
        for (int block = 0; block < blocks.length; block++) {
            blocks[block] = new Counters();
        }
        this.reportedNs = startedNs;
    }

    /// What a run of many seeds came to.
    ///
    /// @param seeds how many ran
    /// @param violations seeds that broke an invariant
    /// @param complaints what went wrong, for people: violations, and blocks of seeds in which too
    ///   little happened
    public record Summary(long seeds, List<Long> violations, List<String> complaints) {}

    /// Runs `count` seeds.
    ///
    /// @param out takes progress, violations with their traces, and the summary
    static Summary run(
            long from, long count, int threads, boolean stopsAtFirst, Consumer<String> out) {
        Quiet.logs();
        return new Seeds(from, count, stopsAtFirst, out).run(threads);
    }

    /// How many seeds, from 1 on, until one breaks an invariant; 0 if none of `most` does. For
    /// planted bugs, which load this class anew.
    public static String firstViolation(long most) {
        Quiet.logs();
        for (long seed = 1; seed <= most; seed++) {
            var violation = Simulation.run(seed, false).violation();
            if (violation != null) {
                return seed + " " + violation.getMessage();
            }
        }
        return "0";
    }

    private Summary run(int threads) {
        var workers = new ArrayList<Thread>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("sim-" + i).start(this::work));
        }
        for (var worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                stopped.set(true);
                Thread.currentThread().interrupt();
            }
        }
        return summary();
    }

    private void work() {
        while (!stopped.get()) {
            long seed = next.getAndIncrement();
            if (seed >= from + count) {
                break;
            }
            finished(Simulation.run(seed, false));
        }
        var ownNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        synchronized (this) {
            cpuNs += ownNs;
        }
    }

    private synchronized void finished(Simulation.Outcome outcome) {
        done++;
        events += outcome.events();
        virtualMs += outcome.atMs();
        blocks[Math.toIntExact((outcome.seed() - from) / BLOCK)].add(outcome.counters());
        if (outcome.violation() != null) {
            violations.add(outcome);
            if (violations.size() <= 5) {
                out.accept(explain(outcome));
            }
            if (stopsAtFirst) {
                stopped.set(true);
            }
        }
        var nowNs = System.nanoTime();
        if (nowNs - reportedNs > PROGRESS_NS) {
            reportedNs = nowNs;
            out.accept(progress());
        }
    }

    private String progress() {
        var seconds = (System.nanoTime() - startedNs) / 1e9;
        return String.format(
                Locale.ROOT,
                "%d of %d seeds, %d violations, %.1f seeds/s",
                done,
                count,
                violations.size(),
                done / seconds);
    }

    /// A violation for people: what, when, what happened before, and how to see it again.
    static String explain(Simulation.Outcome outcome) {
        var again = Simulation.run(outcome.seed(), true);
        var text = new StringBuilder();
        text.append("seed ")
                .append(outcome.seed())
                .append(" at ")
                .append(outcome.atMs())
                .append(" ms: ")
                .append(message(outcome.violation()))
                .append("\n  ")
                .append(outcome.plan())
                .append('\n');
        if (again.hash() != outcome.hash()) {
            text.append("  NOT REPEATABLE: the second run went another way\n");
        }
        var trace = again.trace();
        for (var line : trace.subList(Math.max(0, trace.size() - TRACE_SHOWN), trace.size())) {
            text.append("    ").append(line).append('\n');
        }
        return text.append("  again: ./weir-sim ").append(outcome.seed()).toString();
    }

    private static String message(@Nullable Violation violation) {
        return violation == null ? "no violation" : violation.getMessage() + "";
    }

    private Summary summary() {
        var complaints = new ArrayList<String>();
        var seeds = new ArrayList<Long>();
        for (var outcome : violations) {
            seeds.add(outcome.seed());
            complaints.add("seed " + outcome.seed() + ": " + message(outcome.violation()));
        }
        var total = new Counters();
        for (int block = 0; block < blocks.length; block++) {
            total.add(blocks[block]);
            var isWhole = (block + 1L) * BLOCK <= count;
            if (isWhole && !stopped.get() && !blocks[block].missing().isEmpty()) {
                complaints.add(
                        "seeds from "
                                + (from + (long) block * BLOCK)
                                + " on landed no "
                                + blocks[block].missing());
            }
        }
        var seconds = (System.nanoTime() - startedNs) / 1e9;
        out.accept(
                String.format(
                        Locale.ROOT,
                        "%d seeds, %d violations, %.1f s, %.1f seeds/s (%.1f a second of one"
                                + " processor), %.1f virtual hours, %d events%n%s",
                        done,
                        violations.size(),
                        seconds,
                        done / seconds,
                        done / (cpuNs / 1e9),
                        virtualMs / 3_600_000.0,
                        events,
                        total));
        return new Summary(done, List.copyOf(seeds), List.copyOf(complaints));
    }
}
