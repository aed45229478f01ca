// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

/// Why a batch was not delivered.
public sealed interface BatchFailure {

    /// It is not stored, and will not be.
    record Refused(RuntimeException cause) implements BatchFailure {}

    /// The delivery timeout passed.
    ///
    /// @param isOutcomeUnknown whether it may be stored
    /// @param lastCause why the last attempt failed; `null` if there was none
    record TimedOut(boolean isOutcomeUnknown, @Nullable RuntimeException lastCause)
            implements BatchFailure {}

    /// It may be stored: an attempt went unanswered, and there can be no other. Either the cluster
    /// refused a later one, or the node lost the producer's state, so that sending it again could
    /// store it twice.
    record OutcomeUnknown(RuntimeException cause) implements BatchFailure {}
}
