// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import java.util.Arrays;

/// The network: directed edges between nodes, and between clients (endpoint 0) and nodes. An edge
/// keeps order but for what it is told to delay, loses, repeats, or is cut.
final class Net {

    /// What keeps its own order on an edge.
    static final int LANES = 4;

    static final int LANE_CONTROL = 2;
    static final int LANE_CLIENT = 3;

    /// The endpoint of all clients.
    static final int CLIENTS = 0;

    private static final int LATE_MS = 1_000;

    private final Engine engine;
    private final Plan plan;
    private final Counters counters;
    private final boolean[][] cut;
    private final long[][][] lastMs;
    private boolean isFaulty = true;

    Net(Engine engine, Plan plan, Counters counters) {
        this.engine = engine;
        this.plan = plan;
        this.counters = counters;
        int endpoints = plan.nodes() + 1;
        this.cut = new boolean[endpoints][endpoints];
        this.lastMs = new long[endpoints][endpoints][LANES];
    }

    /// Faults stop, and every cut is undone.
    void heal() {
        isFaulty = false;
        mend();
    }

    boolean isFaulty() {
        return isFaulty;
    }

    void mend() {
        for (var row : cut) {
            Arrays.fill(row, false);
        }
    }

    void cut(int from, int to) {
        if (from != to) {
            cut[from][to] = true;
        }
    }

    boolean isCut(int from, int to) {
        return cut[from][to];
    }

    boolean isOpen(int a, int b) {
        return !cut[a][b] && !cut[b][a];
    }

    int endpoints() {
        return cut.length;
    }

    /// A message for a process, whatever its life when it arrives; may be lost, late, or repeated.
    void datagram(int from, int to, int lane, Parcel parcel) {
        if (cut[from][to] || (isFaulty && engine.chance(plan.dropPerMille()))) {
            counters.dropped++;
            parcel.lost().run();
            return;
        }
        var again = isFaulty && engine.chance(plan.dupPerMille());
        if (again) {
            counters.repeated++;
            engine.to(parcel.target(), 1 + engine.below(300), parcel.what(), parcel.repeated());
        }
        engine.to(
                parcel.target(),
                delayMs(from, to, lane),
                parcel.what(),
                () -> {
                    if (cut[from][to]) {
                        parcel.lost().run();
                    } else {
                        parcel.arrived().run();
                    }
                });
    }

    /// What travels.
    ///
    /// @param lost run if it never arrives, unless its target is down
    /// @param repeated run for a second copy
    record Parcel(
            Engine.Process target,
            String what,
            Runnable arrived,
            Runnable repeated,
            Runnable lost) {

        static Parcel of(Engine.Process target, String what, Runnable arrived) {
            return new Parcel(target, what, arrived, arrived, () -> {});
        }
    }

    /// Time until something sent now arrives: in order, unless it is one that comes late.
    long delayMs(int from, int to, int lane) {
        long delay = 1 + engine.below(6);
        if (isFaulty && engine.chance(plan.latePerMille())) {
            counters.late++;
            return delay + engine.below(LATE_MS);
        }
        return inOrderMs(from, to, lane, delay);
    }

    /// As [#delayMs], never out of order.
    long orderedMs(int from, int to, int lane) {
        return inOrderMs(from, to, lane, 1 + engine.below(6));
    }

    private long inOrderMs(int from, int to, int lane, long delayMs) {
        var ordered = Math.max(delayMs, lastMs[from][to][lane] - engine.nowMs());
        lastMs[from][to][lane] = engine.nowMs() + ordered;
        return ordered;
    }
}
