// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// Virtual time of a [ReplicaGroup], and the net between its nodes (node 0 is the controller).
final class GroupTime {

    private record Event(long atMs, long order, Runnable run) {}

    private final SplittableRandom random;
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(
                    (a, b) ->
                            a.atMs != b.atMs
                                    ? Long.compare(a.atMs, b.atMs)
                                    : Long.compare(a.order, b.order));
    private final Map<String, Long> lastArrival = new HashMap<>();
    private final boolean[][] cut = new boolean[4][4];
    private final int dropPerMille;
    private final int latePerMille;
    private final int repeatPerMille;
    private boolean faults = true;
    private long nowMs;
    private long order;

    GroupTime(SplittableRandom random) {
        this.random = random;
        dropPerMille = pick(0, 5, 30);
        latePerMille = pick(0, 10, 50);
        repeatPerMille = pick(0, 20, 60);
    }

    int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    private boolean chance(int perMille) {
        return faults && random.nextInt(1_000) < perMille;
    }

    long nowMs() {
        return nowMs;
    }

    void at(long delayMs, Runnable run) {
        queue.add(new Event(nowMs + delayMs, order++, run));
    }

    void runUntil(long endMs) {
        while (!queue.isEmpty() && queue.peek().atMs <= endMs) {
            var event = queue.remove();
            nowMs = event.atMs;
            event.run.run();
        }
    }

    boolean isFaulty() {
        return faults;
    }

    void heal() {
        faults = false;
        joinAll();
    }

    void joinAll() {
        for (var row : cut) {
            Arrays.fill(row, false);
        }
    }

    void cut(int from, int to, boolean both) {
        cut[from][to] = true;
        cut[to][from] = both;
    }

    /// Delivers, or loses, delays or repeats, something; lanes keep the order of what is not late.
    void send(int from, int to, String lane, Runnable arrive) {
        if (cut[from][to] || chance(dropPerMille)) {
            return;
        }
        var delayMs = 1L + random.nextInt(5);
        if (chance(latePerMille)) {
            delayMs += random.nextInt(400);
        } else {
            var key = from + ">" + to + lane;
            var atMs = Math.max(nowMs + delayMs, lastArrival.getOrDefault(key, 0L));
            lastArrival.put(key, atMs);
            delayMs = atMs - nowMs;
        }
        Runnable unlessCut =
                () -> {
                    if (!cut[from][to]) {
                        arrive.run();
                    }
                };
        at(delayMs, unlessCut);
        if (chance(repeatPerMille)) {
            at(1 + random.nextInt(400), unlessCut);
        }
    }
}
