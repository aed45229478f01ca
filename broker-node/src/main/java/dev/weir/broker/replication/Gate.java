// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import java.util.LinkedHashSet;
import java.util.Set;

/// Those who wait until pushes to a node may go out on a lane again. Outlives the streams.
///
/// **Threading:** any thread. Waiters run outside of the lock, on the thread that opens the gate.
///
/// **Bound:** a waiter waits once, however often it asks; there are as many as partitions.
final class Gate {

    private final Set<Runnable> waiters = new LinkedHashSet<>();

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
