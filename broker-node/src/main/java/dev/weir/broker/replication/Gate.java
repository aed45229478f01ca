// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import java.util.ArrayList;
import java.util.List;

/// Those who wait until pushes to a node may go out on a lane again. Outlives the streams.
///
/// **Threading:** any thread. Waiters run outside of the lock, on the thread that opens the gate.
///
/// **Bound:** one waiter a feed: who waits does not ask again before it was let go.
final class Gate {

    private final List<Runnable> waiters = new ArrayList<>();

    /// Waits for the next [#open].
    void await(Runnable resume) {
        synchronized (waiters) {
            waiters.add(resume);
        }
    }

    /// Lets everybody go.
    void open() {
        Runnable[] going;
        synchronized (waiters) {
            if (waiters.isEmpty()) {
                return;
            }
            going = waiters.toArray(Runnable[]::new);
            waiters.clear();
        }
        for (var one : going) {
            one.run();
        }
    }
}
