// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.TreeMap;

/// Counts unfinished batches by the flush they were begun before. Any thread.
final class FlushGate {

    private final TreeMap<Long, Integer> unfinished = new TreeMap<>();
    private long epoch;
    private volatile int waiters;

    /// Whether someone waits for batches to finish.
    boolean isFlushing() {
        return waiters > 0;
    }

    /// A batch begins.
    ///
    /// @return its epoch
    synchronized long enter() {
        unfinished.merge(epoch, 1, Integer::sum);
        return epoch;
    }

    /// A batch of an epoch is finished.
    synchronized void leave(long ofEpoch) {
        unfinished.computeIfPresent(ofEpoch, (_, count) -> count == 1 ? null : count - 1);
        if (waiters > 0) {
            notifyAll();
        }
    }

    /// Waits for every batch begun before this call.
    ///
    /// @param deadlineNs monotonic time
    /// @param wake called once the wait has begun
    /// @return `false` if the deadline came first, or the thread was interrupted, which its flag
    ///   tells
    boolean await(long deadlineNs, Runnable wake) {
        long upTo;
        synchronized (this) {
            upTo = epoch++;
            waiters++;
        }
        wake.run();
        synchronized (this) {
            try {
                while (!unfinished.headMap(upTo, true).isEmpty()) {
                    long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                    if (leftMs <= 0) {
                        return false;
                    }
                    wait(leftMs);
                }
                return true;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                waiters--;
            }
        }
    }
}
