// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/// How long flushes take, and how old the oldest one is that has not ended: what the heartbeat
/// reports of a stalling disk.
///
/// **Threading:** any thread.
public final class FlushTimes {

    private final Set<Flush> underWay = ConcurrentHashMap.newKeySet();
    private volatile LongConsumer observer = _ -> {};

    private record Flush(long startedNs, Object identity) {}

    /// Who is told of every flush that ended, in nanoseconds; must not block. Replaces the last.
    public void observe(LongConsumer newObserver) {
        observer = newObserver;
    }

    /// Age of the oldest flush under way, in milliseconds; 0 if there is none.
    public long oldestMs() {
        long now = System.nanoTime();
        long oldestNs = 0;
        for (var flush : underWay) {
            oldestNs = Math.max(oldestNs, now - flush.startedNs);
        }
        return oldestNs / 1_000_000;
    }

    /// An executor whose tasks are flushes.
    Executor timing(Executor threads) {
        return task -> threads.execute(() -> run(task));
    }

    private void run(Runnable task) {
        var flush = new Flush(System.nanoTime(), new Object());
        underWay.add(flush);
        try {
            task.run();
        } finally {
            underWay.remove(flush);
            observer.accept(System.nanoTime() - flush.startedNs);
        }
    }
}
