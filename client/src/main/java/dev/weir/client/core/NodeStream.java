// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/// The produce stream to one node: its state, its credit, its unanswered requests.
///
/// **Invariant:** `creditBytes >= 0`: what a request may have at most is taken before it is sent,
/// and what it did not need is given back when its size is known.
final class NodeStream<C> {

    /// One request without an answer.
    record Unanswered<C>(
            PartitionSends<C> partition, PartitionSends.Entry<C> entry, long sentAtNs) {}

    private enum State {
        CLOSED,
        OPENING,
        OPEN
    }

    private final String node;
    private final RetryBackoff backoff;
    private final Map<Long, Unanswered<C>> unanswered = new LinkedHashMap<>();
    private State state = State.CLOSED;
    private long streamId;
    private long creditBytes;
    private long openAtNs;
    private long openingSinceNs;
    private boolean mustWait;
    private boolean wasSuspected;
    private long suspectedAtNs;

    NodeStream(String node, RetryBackoff backoff) {
        this.node = node;
        this.backoff = backoff;
    }

    String node() {
        return node;
    }

    long streamId() {
        return streamId;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean mayOpen(long nowNs) {
        return state == State.CLOSED && (!mustWait || nowNs - openAtNs >= 0);
    }

    void opening(long id, long nowNs) {
        state = State.OPENING;
        streamId = id;
        openingSinceNs = nowNs;
    }

    void opened(long initialCreditBytes) {
        state = State.OPEN;
        creditBytes = initialCreditBytes;
    }

    /// Forgets the stream.
    ///
    /// @param isFailure whether to wait before opening another
    /// @return what was unanswered, in the order sent
    Map<Long, Unanswered<C>> closed(boolean isFailure, long nowNs) {
        state = State.CLOSED;
        creditBytes = 0;
        mustWait = isFailure;
        if (isFailure) {
            openAtNs = nowNs + backoff.nextDelayMs() * 1_000_000;
        }
        var lost = new LinkedHashMap<>(unanswered);
        unanswered.clear();
        return lost;
    }

    /// Takes credit for a request of at most this size, if there is enough.
    boolean charge(long bytesMax) {
        if (creditBytes < bytesMax) {
            return false;
        }
        creditBytes -= bytesMax;
        return true;
    }

    void giveBack(long bytes) {
        creditBytes += bytes;
    }

    void sent(long requestId, Unanswered<C> request) {
        unanswered.put(requestId, request);
    }

    @Nullable Unanswered<C> answered(long requestId) {
        backoff.reset();
        return unanswered.remove(requestId);
    }

    /// Requests that have waited for longer than a time, by id, oldest first.
    Map<Long, Unanswered<C>> overdue(long nowNs, long timeNs) {
        var overdue = new LinkedHashMap<Long, Unanswered<C>>();
        for (var request : unanswered.entrySet()) {
            if (nowNs - request.getValue().sentAtNs() <= timeNs) {
                break;
            }
            overdue.put(request.getKey(), request.getValue());
        }
        return overdue;
    }

    /// Whether the oldest request has waited for longer than a time, said once in such a time.
    boolean isSuspect(long nowNs, long timeNs) {
        if (unanswered.isEmpty()
                || nowNs - unanswered.values().iterator().next().sentAtNs() <= timeNs
                || (wasSuspected && nowNs - suspectedAtNs <= timeNs)) {
            return false;
        }
        wasSuspected = true;
        suspectedAtNs = nowNs;
        return true;
    }

    /// Waits no more for an answer. Should it come, it brings credit only.
    void forget(long requestId) {
        unanswered.remove(requestId);
    }

    /// Whether the oldest request, or the opening, has waited for longer than a time.
    boolean isSilent(long nowNs, long timeoutNs) {
        return switch (state) {
            case CLOSED -> false;
            case OPENING -> nowNs - openingSinceNs > timeoutNs;
            case OPEN ->
                    !unanswered.isEmpty()
                            && nowNs - unanswered.values().iterator().next().sentAtNs() > timeoutNs;
        };
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }
}
