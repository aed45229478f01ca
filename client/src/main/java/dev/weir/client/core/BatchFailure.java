// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

/// Why a batch was not delivered.
public sealed interface BatchFailure {

    /// The cluster refused it.
    record Refused(RuntimeException cause) implements BatchFailure {}

    /// The delivery timeout passed.
    ///
    /// @param isOutcomeUnknown whether it may be stored
    /// @param lastCause why the last attempt failed; `null` if there was none
    record TimedOut(boolean isOutcomeUnknown, @Nullable RuntimeException lastCause)
            implements BatchFailure {}

    /// The node lost the producer's state while it is unknown whether the batch was stored.
    record OutcomeUnknown(RuntimeException cause) implements BatchFailure {}
}
