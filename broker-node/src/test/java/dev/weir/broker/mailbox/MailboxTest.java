// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

class MailboxTest {

    private final ArrayDeque<Runnable> workers = new ArrayDeque<>();
    private final List<String> taken = new ArrayList<>();

    /// Writes down what happens, and does what a test wants done at the end of a turn.
    private final class Recorder implements Turns<String> {
        private final String name;
        private Consumer<List<String>> atEnd = _ -> {};
        private final List<String> turn = new ArrayList<>();

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public void onEvent(String event) {
            if (event.equals("bad")) {
                throw new IllegalStateException("bad event");
            }
            turn.add(event);
            taken.add(name + event);
        }

        @Override
        public void endOfTurn() {
            taken.add(name + "end");
            var events = List.copyOf(turn);
            turn.clear();
            atEnd.accept(events);
        }

        @Override
        public void onFailure(Throwable failure) {
            taken.add(name + "failed");
        }
    }

    private Mailbox<String> mailbox(Turns<String> turns, int capacity) {
        return new Mailbox<>(capacity, turns, workers::add, () -> 0);
    }

    @Test
    void drainsInlineWhenItIsIdle() {
        var mailbox = mailbox(new Recorder("a"), 8);

        mailbox.offerInline("1");

        assertThat(taken).containsExactly("a1", "aend");
        assertThat(workers).isEmpty();
    }

    @Test
    void leavesWhatIsOnlyEnqueuedToAWorker() {
        var mailbox = mailbox(new Recorder("a"), 8);

        mailbox.post("1");
        mailbox.offer("2");

        assertThat(taken).isEmpty();
        assertThat(workers).hasSize(1);
        workers.remove().run();
        assertThat(taken).containsExactly("a1", "a2", "aend");
    }

    @Test
    void refusesMoreThanItsCapacityButNotTheOwnersOwnEvents() {
        var mailbox = mailbox(new Recorder("a"), 2);

        assertThat(mailbox.offer("1")).isTrue();
        assertThat(mailbox.offer("2")).isTrue();
        assertThat(mailbox.offer("3")).isFalse();
        assertThat(mailbox.offerInline("4")).isFalse();
        mailbox.post("5");

        workers.remove().run();
        assertThat(taken).containsExactly("a1", "a2", "a5", "aend");
        assertThat(mailbox.offer("6")).isTrue();
    }

    @Test
    void endsATurnAfterThirtyTwoEventsAndLeavesTheRestToAWorker() {
        var mailbox = mailbox(new Recorder("a"), 64);
        for (var i = 0; i < 40; i++) {
            mailbox.offer("e");
        }

        workers.remove().run();

        assertThat(taken).hasSize(Mailbox.TURN_EVENTS_MAX + 1).last().isEqualTo("aend");
        assertThat(workers).hasSize(1);
        workers.remove().run();
        assertThat(taken).hasSize(42);
        assertThat(workers).isEmpty();
    }

    @Test
    void endsATurnWhenItsTimeIsUp() {
        var nowNs = new AtomicLong();
        var mailbox =
                new Mailbox<>(64, new Recorder("a"), workers::add, () -> nowNs.addAndGet(60_000));
        for (var i = 0; i < 10; i++) {
            mailbox.offer("e");
        }

        workers.remove().run();

        assertThat(taken).containsExactly("ae", "ae", "aend");
        assertThat(workers).hasSize(1);
    }

    @Test
    void anOfferDuringATurnRunsAfterItOnTheSameThreadAndNeverInsideIt() {
        var b = new Recorder("b");
        var mailboxB = mailbox(b, 8);
        var a = new Recorder("a");
        var mailboxA = mailbox(a, 8);
        a.atEnd =
                events -> {
                    if (events.contains("1")) {
                        mailboxB.offerInline("x");
                        mailboxA.offerInline("2");
                        taken.add("still in a");
                    }
                };

        mailboxA.offerInline("1");

        assertThat(taken).containsExactly("a1", "aend", "still in a", "bx", "bend");
        // a was not idle when 2 came: it is a turn of its own, on a worker.
        workers.remove().run();
        assertThat(taken).endsWith("a2", "aend");
    }

    @Test
    void aLongChainOfWakeUpsGoesToTheWorkersInsteadOfHoldingTheThread() {
        var mailboxes = new ArrayList<Mailbox<String>>();
        for (var i = 0; i < 40; i++) {
            mailboxes.add(mailbox(new Recorder("m"), 8));
        }
        var first = new Recorder("a");
        first.atEnd = _ -> mailboxes.forEach(mailbox -> mailbox.offerInline("e"));

        mailbox(first, 8).offerInline("1");

        var served = taken.stream().filter("me"::equals).count();
        assertThat(served).isBetween(1L, 16L);
        assertThat(workers).hasSize((int) (40 - served));
    }

    @Test
    void anEventThatThrowsDoesNotStopTheMailbox() {
        var mailbox = mailbox(new Recorder("a"), 8);
        mailbox.offer("bad");
        mailbox.offer("2");

        workers.remove().run();

        assertThat(taken).containsExactly("afailed", "a2", "aend");
        assertThat(mailbox.waiting()).isZero();
    }

    @Test
    void manyThreadsAndWorkersLoseNothingAndNeverShareATurn() throws Exception {
        var threads = 8;
        var eventsEach = 20_000;
        var state = new UnsharedState();
        try (var pool = Executors.newFixedThreadPool(3)) {
            var mailbox = new Mailbox<>(256, state, pool, System::nanoTime);
            var start = new CountDownLatch(1);
            var senders = new ArrayList<Thread>();
            for (var t = 0; t < threads; t++) {
                var inline = t % 2 == 0;
                senders.add(
                        Thread.ofPlatform()
                                .start(() -> sendAll(mailbox, start, eventsEach, inline)));
            }
            start.countDown();
            for (var sender : senders) {
                sender.join();
            }
            var deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (mailbox.waiting() > 0 && System.nanoTime() < deadlineNs) {
                Thread.onSpinWait();
            }
        }
        assertThat(state.shared).isFalse();
        assertThat(state.events).isEqualTo((long) threads * eventsEach);
    }

    private static void sendAll(
            Mailbox<Integer> mailbox, CountDownLatch start, int events, boolean inline) {
        try {
            start.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        for (var i = 0; i < events; i++) {
            while (!(inline ? mailbox.offerInline(i) : mailbox.offer(i))) {
                Thread.yield();
            }
        }
    }

    private static final class UnsharedState implements Turns<Integer> {
        private long events;
        private boolean inTurn;
        private boolean shared;

        @Override
        public void onEvent(Integer event) {
            shared |= inTurn;
            inTurn = true;
            events++;
            inTurn = false;
        }

        @Override
        public void endOfTurn() {
            shared |= inTurn;
        }

        @Override
        public void onFailure(Throwable failure) {
            shared = true;
        }
    }
}
