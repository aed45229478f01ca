// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.mailbox;

import java.util.ArrayDeque;

/// What keeps turns from nesting: the mailboxes that this thread owns and has not yet served.
///
/// **Threading:** one for each thread; never shared.
final class Trampoline {

    /// Mailboxes served after one outermost turn; more go to the workers, so that an event loop
    /// comes back to its connections.
    private static final int MAILBOXES_MAX = 16;

    private static final ThreadLocal<Trampoline> CURRENT = ThreadLocal.withInitial(Trampoline::new);

    private final ArrayDeque<Mailbox<?>> waiting = new ArrayDeque<>();
    private boolean inTurn;

    private Trampoline() {}

    /// Takes a turn of a mailbox that the caller owns: at once, or after the turn that runs.
    static void now(Mailbox<?> mailbox) {
        CURRENT.get().run(mailbox);
    }

    /// Sees to it that an owned mailbox is served: after the turn that runs, else by a worker.
    static void later(Mailbox<?> mailbox) {
        var current = CURRENT.get();
        if (current.inTurn) {
            current.putOff(mailbox);
        } else {
            mailbox.handToWorker();
        }
    }

    private void run(Mailbox<?> mailbox) {
        if (inTurn) {
            putOff(mailbox);
            return;
        }
        inTurn = true;
        try {
            mailbox.takeTurn();
            for (var served = 1; served < MAILBOXES_MAX && !waiting.isEmpty(); served++) {
                waiting.remove().takeTurn();
            }
        } finally {
            inTurn = false;
            while (!waiting.isEmpty()) {
                waiting.remove().handToWorker();
            }
        }
    }

    private void putOff(Mailbox<?> mailbox) {
        if (waiting.size() < MAILBOXES_MAX) {
            waiting.add(mailbox);
        } else {
            mailbox.handToWorker();
        }
    }
}
