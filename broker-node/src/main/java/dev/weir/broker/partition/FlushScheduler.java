// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/// Who may flush next, in one directory: a fixed number of flushes at a time, the logs that want
/// one taking turns.
///
/// Group commit is what falls out of it. A log has at most one flush under way; what is appended
/// meanwhile, and while the log waits for its turn, is covered by its next flush, however much it
/// is. The busier the directory, the longer the wait and the larger the groups.
///
/// **Threading:** any thread. **Bound:** each log is in line at most once.
public final class FlushScheduler {

    /// A log that wants to flush.
    public interface Client {

        /// It is this log's turn: it begins its flush, or gives the slot back. Must only enqueue.
        void onFlushSlot();
    }

    private final Executor threads;
    private final int slotsMax;
    private final Object lock = new Object();
    private final ArrayDeque<Client> line = new ArrayDeque<>();
    private int slotsTaken;

    /// @param threads run flushes; at least `slotsMax`, never interrupted
    /// @param slotsMax flushes at a time
    public FlushScheduler(Executor threads, int slotsMax) {
        if (slotsMax < 1) {
            throw new IllegalArgumentException("slotsMax " + slotsMax + " < 1");
        }
        this.threads = threads;
        this.slotsMax = slotsMax;
    }

    /// Asks for a slot.
    ///
    /// @return `true` if the client has one now; `false` if it stands in line
    boolean request(Client client) {
        synchronized (lock) {
            if (slotsTaken < slotsMax) {
                slotsTaken++;
                return true;
            }
            line.add(client);
            return false;
        }
    }

    /// Runs the flush for which the caller has a slot; the slot is free when it has returned.
    void run(Runnable flush) {
        threads.execute(
                () -> {
                    try {
                        flush.run();
                    } finally {
                        release();
                    }
                });
    }

    /// Gives a slot back, to the next in line.
    void release() {
        Client next;
        synchronized (lock) {
            next = line.poll();
            if (next == null) {
                slotsTaken--;
            }
        }
        if (next != null) {
            next.onFlushSlot();
        }
    }
}
