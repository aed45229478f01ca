// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import java.util.LinkedHashSet;
import java.util.Set;

/// Holds back what a thread sends while it hands out the messages of a frame, so that the answers
/// of many partitions leave in one frame too.
///
/// **Threading:** one for each thread; never shared.
final class Cork {

    private static final ThreadLocal<Cork> CURRENT = ThreadLocal.withInitial(Cork::new);

    private final Set<FrameOutbox> held = new LinkedHashSet<>();
    private boolean corked;

    private Cork() {}

    /// The thread's own.
    static Cork current() {
        return CURRENT.get();
    }

    /// From now on outboxes wait for [#flush] or [#end].
    void begin() {
        corked = true;
    }

    /// Whether the outbox is held back; the caller then leaves its sending to the flush.
    boolean holds(FrameOutbox outbox) {
        if (corked) {
            held.add(outbox);
        }
        return corked;
    }

    /// Sends what was held back.
    void flush() {
        if (held.isEmpty()) {
            return;
        }
        var outboxes = held.toArray(FrameOutbox[]::new);
        held.clear();
        for (var outbox : outboxes) {
            outbox.drain();
        }
    }

    /// Sends what was held back, and holds back no more.
    void end() {
        corked = false;
        flush();
    }
}
