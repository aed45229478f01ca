// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;

/// The controller's answer to a proposed ISR.
public sealed interface IsrOutcome {

    /// It is committed.
    ///
    /// @param partitionEpoch the one that this change made
    /// @param isr as committed
    /// @param elr as committed with it
    record Accepted(int leaderEpoch, int partitionEpoch, List<Integer> isr, List<Integer> elr)
            implements IsrOutcome {

        public Accepted {
            isr = List.copyOf(isr);
            elr = List.copyOf(elr);
        }
    }

    /// It was not taken. A copy of the proposal that is still on its way may yet be.
    ///
    /// @param ineligible because of a member that may not join, or of another incarnation of one
    /// @param partitionEpoch the one that the proposal named
    record Refused(boolean ineligible, int partitionEpoch) implements IsrOutcome {}

    /// Nobody knows: the controller was not reached, or did not answer.
    record Unknown() implements IsrOutcome {}
}
