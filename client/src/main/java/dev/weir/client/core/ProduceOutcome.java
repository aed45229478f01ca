// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// What a node answered to one produce request.
public sealed interface ProduceOutcome {

    /// Stored, now or by an earlier attempt.
    record Accepted(Acknowledgement acknowledgement) implements ProduceOutcome {}

    /// Not stored now; the same request may succeed later.
    ///
    /// @param isMaybeStored whether it may have been appended all the same
    /// @param isWrongNode whether another node should be asked
    /// @param delayMs least time to wait; 0 if the node named none
    record Again(boolean isMaybeStored, boolean isWrongNode, long delayMs, RuntimeException cause)
            implements ProduceOutcome {}

    /// Not stored: its sequence does not follow the last one, or the node knows nothing of the
    /// producer.
    record OutOfSequence(RuntimeException cause) implements ProduceOutcome {}

    /// Not stored: a newer epoch of the producer id exists.
    record Fenced(RuntimeException cause) implements ProduceOutcome {}

    /// Not stored, and never will be.
    record Refused(RuntimeException cause) implements ProduceOutcome {}
}
