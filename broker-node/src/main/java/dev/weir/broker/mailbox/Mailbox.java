// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.mailbox;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// A bounded queue of events for one owner, whose state is touched only while the queue is drained.
///
/// ```
///   event loop ── offerInline ──┐            ┌── drained here, if the mailbox was idle
///   reader, RPC ─ offer ────────┼─▶ queue ───┤
///   flush, image, timer ─ post ─┘            └── else by a worker, one turn at a time
/// ```
///
/// A turn is at most [#TURN_EVENTS_MAX] events, and ends early after [#TURN_NS_MAX]; what is left
/// goes to the workers, behind the other mailboxes that wait there. A mailbox filled during a turn
/// is never drained inside it, but after it, by the same thread: a chain of partitions that wake
/// each other neither recurses nor holds two of them at a time.
///
/// **Threading:** any thread may fill it. Whoever raises the count of ready events from zero owns
/// it until he has brought the count back to zero; that hand-over orders the turns.
///
/// **Bound:** at most `capacity` events from [#offer] and [#offerInline] wait; then they are
/// refused, and the caller tells its sender to slow down. [#post] is never refused: it is for the
/// owner's own completions, of which there are a few for each accepted event.
///
/// @param <E> the events
public final class Mailbox<E> {

    /// Most events of one turn.
    public static final int TURN_EVENTS_MAX = 32;

    /// A turn takes no further event after this time, in nanoseconds.
    public static final long TURN_NS_MAX = 100_000;

    private final int capacity;
    private final Turns<E> owner;
    private final Executor workers;
    private final LongSupplier clockNs;

    private final Queue<E> queue = new ConcurrentLinkedQueue<>();

    /// Events taken in and not yet dealt with; only this is held against `capacity`.
    private final AtomicInteger accepted = new AtomicInteger();

    /// Events that are in the queue or in the current turn. **Invariant:** above zero exactly while
    /// someone owns the mailbox, or is about to. Raised after the event is in the queue, so that an
    /// owner finds as many events as this says.
    private final AtomicInteger ready = new AtomicInteger();

    /// @param capacity events that may wait
    /// @param workers runs turns that no event loop has time for; holds each mailbox at most once
    /// @param clockNs monotonic
    public Mailbox(int capacity, Turns<E> owner, Executor workers, LongSupplier clockNs) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity + " < 1");
        }
        this.capacity = capacity;
        this.owner = owner;
        this.workers = workers;
        this.clockNs = clockNs;
    }

    /// Puts an event in; a worker will take it.
    ///
    /// @return `false` if the mailbox is full: the event was not taken
    public boolean offer(E event) {
        if (!reserve()) {
            return false;
        }
        if (enqueue(event)) {
            Trampoline.later(this);
        }
        return true;
    }

    /// Puts an event in and, if nobody owns the mailbox and this thread is in no turn, takes one
    /// turn now. For event loops.
    ///
    /// @return `false` if the mailbox is full: the event was not taken
    public boolean offerInline(E event) {
        if (!reserve()) {
            return false;
        }
        if (enqueue(event)) {
            Trampoline.now(this);
        }
        return true;
    }

    /// Puts in an event that must not be refused; a worker will take it.
    public void post(E event) {
        accepted.incrementAndGet();
        if (enqueue(event)) {
            Trampoline.later(this);
        }
    }

    /// Events that wait, for status and metrics.
    public int waiting() {
        return accepted.get();
    }

    private boolean reserve() {
        while (true) {
            var current = accepted.get();
            if (current >= capacity) {
                return false;
            }
            if (accepted.compareAndSet(current, current + 1)) {
                return true;
            }
        }
    }

    /// @return whether the caller now owns the mailbox and has to see to its turns
    private boolean enqueue(E event) {
        queue.add(event);
        return ready.getAndIncrement() == 0;
    }

    /// Leaves the next turn to a worker. By the owner, who then owns it no more.
    void handToWorker() {
        workers.execute(() -> Trampoline.now(this));
    }

    /// Takes one turn. By the owner.
    void takeTurn() {
        var eventsMax = Math.min(ready.get(), TURN_EVENTS_MAX);
        var startNs = clockNs.getAsLong();
        var taken = 0;
        do {
            deliver();
            taken++;
        } while (taken < eventsMax && clockNs.getAsLong() - startNs < TURN_NS_MAX);
        try {
            owner.endOfTurn();
        } catch (Throwable failure) {
            owner.onFailure(failure);
        }
        accepted.addAndGet(-taken);
        if (ready.addAndGet(-taken) > 0) {
            handToWorker();
        }
    }

    private void deliver() {
        var event = queue.poll();
        if (event == null) {
            throw new IllegalStateException("a mailbox lost an event that it had counted");
        }
        try {
            owner.onEvent(event);
        } catch (Throwable failure) {
            owner.onFailure(failure);
        }
    }
}
