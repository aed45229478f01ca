// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import dev.weir.record.Sequences;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/// The batches of one partition between accumulator and answer, in sequence order.
///
/// **Order.** A batch is sent only when every one before it is on its way. When one comes back,
/// nothing is sent until all that are on their way have come back too; then they go again, from the
/// first, with the sequences they had.
///
/// **Sequences.** They are given when a batch is first sent. When one is taken out unstored
/// (refused, or its time is over), those after it cannot follow: they get new sequences under a new
/// epoch. That is safe for a batch that is known not to be stored: it never left, its answer said
/// so, or the node refused it for the gap. One that may be stored keeps its sequence until an
/// answer settles it.
///
/// **Window.** A node knows the last five batches of a producer again, no more. So a batch without
/// an answer may have at most four sent after it, answered or not: what is answered keeps its place
/// until all before it are.
final class PartitionSends<C> {

    /// One batch on its way to an answer.
    static final class Entry<C> {
        final ProducerBatch<C> batch;
        @Nullable ProducerIdentity identity;
        int baseSequence = -1;
        boolean isSent;
        boolean isInFlight;

        /// An attempt ended without an answer that says whether the batch was stored.
        boolean isMaybeStored;

        /// It is answered, but one before it is not: it keeps its place, see the class comment.
        boolean isDone;

        /// Its senders were told already; only its place in the sequence counts.
        boolean isAbandoned;

        @Nullable RuntimeException lastCause;

        Entry(ProducerBatch<C> batch) {
            this.batch = batch;
        }
    }

    final PartitionId id;
    private final int inFlightMax;
    private final RetryBackoff backoff;
    private final Deque<Entry<C>> unresolved = new ArrayDeque<>();
    private @Nullable String node;
    private @Nullable ProducerIdentity identity;
    private int nextSequence;
    private int inFlight;
    private boolean isHolding;

    /// A batch was taken out that may be missing in the sequence, so that no later one can follow.
    private boolean hasGap;

    private boolean needsIdentity;
    private boolean mustWait;
    private long againAtNs;

    PartitionSends(PartitionId id, int inFlightMax, RetryBackoff backoff) {
        this.id = id;
        this.inFlightMax = inFlightMax;
        this.backoff = backoff;
    }

    @Nullable String node() {
        return node;
    }

    /// Another node is to be sent to. What is on its way to the one before it comes back first, or
    /// it could be overtaken.
    void ledBy(@Nullable String newNode) {
        isHolding |= inFlight > 0 && !Objects.equals(newNode, node);
        node = newNode;
    }

    boolean isEmpty() {
        return unresolved.isEmpty();
    }

    /// Whether another batch may be brought: the window has room and what is here has all been
    /// sent.
    boolean hasRoom() {
        return unresolved.size() < inFlightMax && nextUnsent() == null && !isHolding && !hasGap;
    }

    void add(ProducerBatch<C> batch) {
        unresolved.add(new Entry<>(batch));
    }

    /// The batch to send next, if one may be sent now.
    @Nullable Entry<C> nextToSend(long nowNs) {
        if (isHolding || needsIdentity || (mustWait && nowNs - againAtNs < 0)) {
            return null;
        }
        return nextUnsent();
    }

    private @Nullable Entry<C> nextUnsent() {
        for (var entry : unresolved) {
            if (!entry.isInFlight && !entry.isDone) {
                return entry;
            }
        }
        return null;
    }

    /// Whether it waits for a time to come.
    boolean isWaiting() {
        return mustWait || isHolding || needsIdentity;
    }

    /// Gives a batch its sequence, if it has none, and counts it as on its way.
    ///
    /// @param current the producer's identity; `null`: unsequenced
    void send(Entry<C> entry, @Nullable ProducerIdentity current) {
        mustWait = false;
        if (current != null && entry.identity == null) {
            if (identity == null || (unresolvedBefore(entry) == 0 && !identity.equals(current))) {
                identity = current;
                nextSequence = 0;
            }
            entry.identity = identity;
            entry.baseSequence = nextSequence;
            nextSequence = Sequences.plus(nextSequence, entry.batch.recordCount());
        }
        entry.batch.identify(entry.identity, entry.baseSequence);
        entry.isSent = true;
        entry.isInFlight = true;
        inFlight++;
    }

    /// Takes out a batch that is settled.
    void settle(Entry<C> entry) {
        landed(entry);
        entry.isDone = true;
        entry.isMaybeStored = false;
        forgetDone();
        backoff.reset();
        checkGap();
    }

    /// Takes out a batch that is not stored, or may not be: what follows it has a gap before it.
    void drop(Entry<C> entry) {
        landed(entry);
        unresolved.remove(entry);
        forgetDone();
        hasGap |= entry.identity != null;
        checkGap();
    }

    /// Takes a batch back to send it again.
    void again(
            Entry<C> entry,
            boolean isMaybeStored,
            long delayMs,
            RuntimeException cause,
            long nowNs) {
        landed(entry);
        entry.lastCause = cause;
        entry.isMaybeStored |= isMaybeStored;
        if (entry.isAbandoned) {
            drop(entry);
        }
        hold(Math.max(delayMs, mustWait ? 0 : backoff.nextDelayMs()), nowNs);
        checkGap();
    }

    /// A batch came back because its sequence does not follow.
    ///
    /// @return batches whose outcome nobody can tell now; they are out
    List<Entry<C>> outOfSequence(Entry<C> entry, RuntimeException cause, long nowNs) {
        landed(entry);
        entry.lastCause = cause;
        var lost = new ArrayList<Entry<C>>();
        boolean isFirst = unresolved.peekFirst() == entry;
        hasGap |= isFirst;
        if (hasGap) {
            // The refusal proves nothing about earlier attempts: they may lie with a replica that
            // the refusing leader has not heard of, and that leads after it.
            for (Iterator<Entry<C>> entries = unresolved.iterator(); entries.hasNext(); ) {
                var each = entries.next();
                boolean isConcerned = isFirst || each == entry;
                if (isConcerned && each.isMaybeStored && !each.isInFlight) {
                    entries.remove();
                    lost.add(each);
                }
            }
        }
        if (entry.isAbandoned) {
            unresolved.remove(entry);
        }
        forgetDone();
        hold(0, nowNs);
        checkGap();
        return lost;
    }

    /// Tells a batch's senders no more; its place in the sequence stays while it is on its way.
    void abandon(Entry<C> entry) {
        if (entry.isInFlight) {
            entry.isAbandoned = true;
        } else {
            drop(entry);
        }
    }

    /// Batches whose deadline has passed and whose senders do not know it.
    List<Entry<C>> expired(long nowNs) {
        var expired = new ArrayList<Entry<C>>();
        for (var entry : unresolved) {
            if (nowNs - entry.batch.deadlineNs() < 0) {
                break;
            }
            if (!entry.isAbandoned && !entry.isDone) {
                expired.add(entry);
            }
        }
        return expired;
    }

    List<Entry<C>> all() {
        return unresolved.stream().filter(entry -> !entry.isDone).toList();
    }

    /// Whether it cannot go on under its identity, and which that is.
    boolean needsIdentity() {
        return needsIdentity;
    }

    @Nullable ProducerIdentity identity() {
        return identity;
    }

    /// Begins anew at sequence 0.
    void renew(ProducerIdentity newIdentity) {
        identity = newIdentity;
        nextSequence = 0;
        needsIdentity = false;
        hasGap = false;
        unresolved.removeIf(entry -> entry.isDone);
        for (var entry : unresolved) {
            entry.identity = null;
        }
    }

    private void forgetDone() {
        for (var first = unresolved.peek();
                first != null && first.isDone;
                first = unresolved.peek()) {
            unresolved.remove();
        }
    }

    private void landed(Entry<C> entry) {
        if (entry.isInFlight) {
            entry.isInFlight = false;
            inFlight--;
        }
        if (inFlight == 0) {
            isHolding = false;
        }
    }

    private void hold(long delayMs, long nowNs) {
        long againAt = nowNs + delayMs * 1_000_000;
        if (!mustWait || againAt - againAtNs > 0) {
            againAtNs = againAt;
        }
        mustWait = true;
        isHolding = inFlight > 0;
    }

    private void checkGap() {
        needsIdentity |=
                hasGap
                        && inFlight == 0
                        && unresolved.stream().noneMatch(each -> each.isMaybeStored);
    }

    private int unresolvedBefore(Entry<C> entry) {
        int before = 0;
        for (var each : unresolved) {
            if (each == entry) {
                return before;
            }
            before++;
        }
        return before;
    }
}
