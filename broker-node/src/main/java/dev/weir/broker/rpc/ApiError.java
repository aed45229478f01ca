// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// One refusal, before it becomes a status. The message is one line that names cause and cure.
///
/// @param reason which of the documented errors
/// @param message for people; made one line and shortened where needed
/// @param metadata values for programs, under documented names
/// @param violations the fields (or, for `RESOURCE_EXHAUSTED`, the quotas) at fault; may be empty
/// @param retryDelay how long to wait before repeating; absent where repeating is no cure
public record ApiError(
        ErrorReason reason,
        String message,
        Map<String, String> metadata,
        List<Violation> violations,
        @Nullable Duration retryDelay) {

    /// How long callers wait when nothing better is known.
    static final Duration DEFAULT_RETRY_DELAY = Duration.ofMillis(100);

    /// How long callers wait for a new leader: an election takes a few tenths of a second.
    private static final Duration ELECTION_RETRY_DELAY = Duration.ofMillis(20);

    private static final Set<ErrorReason> ELECTIONS =
            EnumSet.of(ErrorReason.NO_LEADER, ErrorReason.HIGH_WATERMARK_NOT_READY);

    /// One field or quota at fault.
    ///
    /// @param subject path of the field in the request, or name of the limit
    /// @param description what it has to be
    public record Violation(String subject, String description) {

        /// Makes the description one line.
        public Violation {
            description = OneLine.message(description);
        }
    }

    /// Copies, and makes the message one line.
    public ApiError {
        message = OneLine.message(message);
        metadata = Map.copyOf(metadata);
        violations = List.copyOf(violations);
    }

    /// A refusal without details; one that can be repeated gets the default delay.
    public static ApiError of(ErrorReason reason, String message) {
        boolean again = reason.retry() == ErrorReason.Retry.YES;
        var delay = ELECTIONS.contains(reason) ? ELECTION_RETRY_DELAY : DEFAULT_RETRY_DELAY;
        return new ApiError(reason, message, Map.of(), List.of(), again ? delay : null);
    }

    /// A request whose field is wrong.
    public static ApiError badField(String field, String description) {
        return of(ErrorReason.INVALID_REQUEST, field + " " + description)
                .violating(field, description);
    }

    /// The same with one more value for programs.
    public ApiError with(String name, Object value) {
        var more = new TreeMap<>(metadata);
        more.put(name, value.toString());
        return new ApiError(reason, message, more, violations, retryDelay);
    }

    /// The same with one more field or quota at fault.
    public ApiError violating(String subject, String description) {
        var more = new java.util.ArrayList<>(violations);
        more.add(new Violation(subject, description));
        return new ApiError(reason, message, metadata, more, retryDelay);
    }
}
