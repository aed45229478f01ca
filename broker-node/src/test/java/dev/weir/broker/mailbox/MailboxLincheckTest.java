// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.mailbox;

import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Model checking: every interleaving that the checker finds, of a few offers.
class MailboxLincheckTest {

    private static final int INVOCATIONS = 150;

    /// Plain fields: two owners at a time, or a missing happens-before, show as a wrong sum.
    private static final class Sum implements Turns<Integer> {
        private int total;
        private int events;
        private boolean inTurn;
        private boolean broken;

        @Override
        public void onEvent(Integer event) {
            broken |= inTurn;
            inTurn = true;
            total += event;
            events++;
            inTurn = false;
        }

        @Override
        public void endOfTurn() {
            broken |= inTurn;
        }

        @Override
        public void onFailure(Throwable failure) {
            broken = true;
        }
    }

    @Test
    void everyAcceptedEventIsTakenOnceByOneOwnerAtATime() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> run(8, List.of(1, 2), List.of(4, 8)));
    }

    @Test
    void refusedEventsAreNeverTakenAndAcceptedOnesAlwaysAre() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> run(1, List.of(1, 2), List.of(4)));
    }

    @Test
    void whatIsOnlyEnqueuedIsLeftToAWorkerAndNotLost() {
        Lincheck.runConcurrentTest(
                INVOCATIONS,
                () -> {
                    var sum = new Sum();
                    var workers = new ConcurrentLinkedQueue<Runnable>();
                    var mailbox = new Mailbox<>(8, sum, workers::add, () -> 0);
                    var other = new Thread(() -> mailbox.post(1));
                    other.start();
                    mailbox.offerInline(2);
                    join(other);
                    runAll(workers);
                    check(!sum.broken, "a turn was shared");
                    check(sum.total == 3, "an event was lost");
                });
    }

    private static void run(int capacity, List<Integer> first, List<Integer> second) {
        var sum = new Sum();
        var workers = new ConcurrentLinkedQueue<Runnable>();
        var mailbox = new Mailbox<>(capacity, sum, workers::add, () -> 0);
        var accepted = new ArrayList<Integer>();
        var acceptedByOther = new ArrayList<Integer>();
        var other = new Thread(() -> offerAll(mailbox, second, acceptedByOther));
        other.start();
        offerAll(mailbox, first, accepted);
        join(other);
        runAll(workers);

        accepted.addAll(acceptedByOther);
        check(!sum.broken, "a turn was shared");
        check(sum.events == accepted.size(), "taken is not accepted");
        var total = 0;
        for (var event : accepted) {
            total += event;
        }
        check(sum.total == total, "other events were taken");
        check(mailbox.waiting() == 0, "something waits");
    }

    /// Nothing of an assertion library: the checker would explore it, too.
    private static void check(boolean holds, String broken) {
        if (!holds) {
            throw new AssertionError(broken);
        }
    }

    private static void offerAll(
            Mailbox<Integer> mailbox, List<Integer> events, List<Integer> accepted) {
        for (var event : events) {
            if (mailbox.offerInline(event)) {
                accepted.add(event);
            }
        }
    }

    private static void runAll(ConcurrentLinkedQueue<Runnable> workers) {
        Runnable task;
        while ((task = workers.poll()) != null) {
            task.run();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
