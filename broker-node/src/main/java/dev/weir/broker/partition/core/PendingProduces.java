// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/// Produces whose batch is decided, and whose answer waits for an offset to be passed.
///
/// Owned by the replica; not thread-safe. Bounded: [#isFull] is asked before anything is appended.
final class PendingProduces {

    /// One that waits.
    ///
    /// @param baseOffset offset of the batch's first record
    /// @param endOffset the answer is due when this, exclusive, is reached
    record Pending(
            ProduceTicket ticket,
            Acks acks,
            long producerId,
            long baseOffset,
            long endOffset,
            boolean duplicate,
            long deadlineMs,
            long arrival) {}

    /// Duplicates wait for offsets that lie before those of the batches ahead of them; equal ends
    /// are answered in the order they came.
    private static final Comparator<Pending> BY_END =
            Comparator.comparingLong(Pending::endOffset).thenComparingLong(Pending::arrival);

    private final int countMax;
    private final int countPerProducerMax;
    private final PriorityQueue<Pending> queue = new PriorityQueue<>(BY_END);
    private final HashMap<Long, Integer> countByProducer = new HashMap<>();
    private long arrivals;

    /// @param countMax most that may wait
    /// @param countPerProducerMax most of one producer id, duplicates not counted: as many as the
    ///   log remembers batches, so that every retry is recognised
    PendingProduces(int countMax, int countPerProducerMax) {
        this.countMax = countMax;
        this.countPerProducerMax = countPerProducerMax;
    }

    boolean isFull() {
        return queue.size() >= countMax;
    }

    boolean isFullFor(long producerId) {
        return producerId != BatchSummary.NO_PRODUCER_ID
                && countByProducer.getOrDefault(producerId, 0) >= countPerProducerMax;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /// The end that the next answer waits for; [Long#MAX_VALUE] if nothing waits.
    long nextEndOffset() {
        var next = queue.peek();
        return next == null ? Long.MAX_VALUE : next.endOffset();
    }

    void add(ReplicaEvent.Produce produce, long baseOffset, boolean duplicate) {
        if (isFull()) {
            throw new IllegalStateException("more than " + countMax + " unanswered produces");
        }
        var producerId = produce.batch().producerId();
        queue.add(
                new Pending(
                        produce.ticket(),
                        produce.acks(),
                        producerId,
                        baseOffset,
                        baseOffset + produce.batch().recordCount(),
                        duplicate,
                        produce.deadlineMs(),
                        arrivals++));
        if (producerId != BatchSummary.NO_PRODUCER_ID && !duplicate) {
            countByProducer.merge(producerId, 1, Integer::sum);
        }
    }

    /// Takes out all whose end is reached, lowest end first.
    void takeReached(long offset, Consumer<Pending> answer) {
        while (nextEndOffset() <= offset) {
            answer.accept(forget(queue.remove()));
        }
    }

    /// Takes out all whose deadline has come, lowest end first.
    void takeExpired(long nowMs, Consumer<Pending> answer) {
        takeIf(queue.stream().filter(pending -> pending.deadlineMs() <= nowMs).toList(), answer);
    }

    /// Takes out all that wait for more than the log holds: their append was refused.
    void takeAbove(long logEndOffset, Consumer<Pending> answer) {
        takeIf(
                queue.stream().filter(pending -> pending.endOffset() > logEndOffset).toList(),
                answer);
    }

    /// Takes out all, lowest end first.
    void takeAll(Consumer<Pending> answer) {
        takeReached(Long.MAX_VALUE - 1, answer);
    }

    private void takeIf(List<Pending> chosen, Consumer<Pending> answer) {
        if (chosen.isEmpty()) {
            return;
        }
        var ordered = new ArrayList<>(chosen);
        ordered.sort(BY_END);
        queue.removeAll(ordered);
        for (var pending : ordered) {
            answer.accept(forget(pending));
        }
    }

    private Pending forget(Pending pending) {
        if (pending.producerId() != BatchSummary.NO_PRODUCER_ID && !pending.duplicate()) {
            countByProducer.computeIfPresent(
                    pending.producerId(), (_, count) -> count == 1 ? null : count - 1);
        }
        return pending;
    }
}
