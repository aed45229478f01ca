// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.broker.lifecycle.core.LifecycleEvent.IsrProposed;
import dev.weir.metadata.controller.core.ControllerCommand;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// Questions to the controller that wait for an answer. One that stays away counts as unknown a
/// little after its time is over, so nothing waits for ever.
///
/// **Bound:** by those who ask.
final class Calls {

    /// For the way of an answer that was given in time.
    private static final long GRACE_MS = 1_000;

    /// What a question was for.
    sealed interface Purpose {

        /// The number that the registration names.
        record CurrentNumber() implements Purpose {}

        /// The registration itself.
        record Registration() implements Purpose {}

        /// The ends of recovering logs.
        record Ends() implements Purpose {}

        /// The replicas that cannot be used.
        record Offline() implements Purpose {}

        /// A failed directory.
        record Failure(UUID directoryId) implements Purpose {}

        /// A leader's proposal.
        record Proposal(IsrProposed proposal) implements Purpose {}

        /// A leader's proof of durability.
        record Confirmation() implements Purpose {}

        /// The announced stop.
        record Shutdown() implements Purpose {}
    }

    private record Open(long deadlineMs, Purpose purpose) {}

    private final TreeMap<Long, Open> open = new TreeMap<>();
    private final long callMs;
    private long lastId;

    Calls(long callMs) {
        this.callMs = callMs;
    }

    /// @return the call to make
    LifecycleEffect ask(ControllerCommand command, Purpose purpose, long nowMs) {
        open.put(++lastId, new Open(nowMs + callMs + GRACE_MS, purpose));
        return new LifecycleEffect.Call(lastId, command, callMs);
    }

    /// @return what the answered question was for; empty if the answer is late
    Optional<Purpose> answered(long callId) {
        return Optional.ofNullable(open.remove(callId)).map(Open::purpose);
    }

    /// @return questions that got no answer in time
    List<Purpose> expired(long nowMs) {
        var expired = new ArrayList<Purpose>();
        var calls = open.values().iterator();
        while (calls.hasNext()) {
            var call = calls.next();
            if (call.deadlineMs <= nowMs) {
                expired.add(call.purpose);
                calls.remove();
            }
        }
        return expired;
    }
}
