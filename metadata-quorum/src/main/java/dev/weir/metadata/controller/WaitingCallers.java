// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/// Who waits for which command, and until when. Owned by the controller's thread.
final class WaitingCallers {

    private final Map<Long, CompletableFuture<GatewayOutcome>> byId = new HashMap<>();
    private final PriorityQueue<Deadline> deadlines = new PriorityQueue<>();
    private long lastId;

    /// @return the command's id, unique in this process
    long add(CompletableFuture<GatewayOutcome> answer, long deadlineNs) {
        var commandId = ++lastId;
        byId.put(commandId, answer);
        deadlines.add(new Deadline(deadlineNs, commandId));
        return commandId;
    }

    /// Answers a caller, if it still waits.
    void answer(long commandId, GatewayOutcome outcome) {
        var answer = byId.remove(commandId);
        if (answer != null) {
            answer.complete(outcome);
        }
    }

    /// Answers those whose deadline has passed: their commands may be on their way.
    void expire(long nowNs) {
        for (var next = deadlines.peek();
                next != null && (nowNs - next.atNs() >= 0 || !byId.containsKey(next.commandId()));
                next = deadlines.peek()) {
            deadlines.remove();
            answer(next.commandId(), new GatewayOutcome.Unknown("the deadline passed"));
        }
    }

    /// @return when to look again; `otherwise` if nobody waits for less
    long nextDeadlineNs(long otherwise) {
        var next = deadlines.peek();
        return next == null || next.atNs() - otherwise > 0 ? otherwise : next.atNs();
    }

    void failAll(GatewayOutcome outcome) {
        List.copyOf(byId.keySet()).forEach(commandId -> answer(commandId, outcome));
        deadlines.clear();
    }

    private record Deadline(long atNs, long commandId) implements Comparable<Deadline> {

        @Override
        public int compareTo(Deadline other) {
            return Long.compare(atNs - other.atNs, 0);
        }
    }
}
