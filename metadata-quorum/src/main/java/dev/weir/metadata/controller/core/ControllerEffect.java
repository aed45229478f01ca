// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.MetadataBatch;

import java.util.Arrays;
import java.util.UUID;

/// What the shell has to do, in order, after an event.
public sealed interface ControllerEffect {

    /// Submit a batch to the metadata log. All proposals are submitted by one thread, in order; a
    /// refusal or failure comes back as [ControllerEvent.ProposalFailed].
    ///
    /// @param term the term in which it was decided
    /// @param batch the batch
    /// @param encoded its bytes; not to be changed
    @SuppressWarnings("ArrayRecordComponent") // handed over once, compared by nobody
    record Propose(long term, MetadataBatch batch, byte[] encoded) implements ControllerEffect {

        @Override
        public boolean equals(Object other) {
            return other instanceof Propose that
                    && term == that.term
                    && Arrays.equals(encoded, that.encoded);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(encoded);
        }

        @Override
        public String toString() {
            return "Propose[term=" + term + ", batch=" + batch + "]";
        }
    }

    /// Answer a caller. Each command is answered exactly once.
    ///
    /// @param commandId the caller
    /// @param outcome how its command ended
    record Reply(long commandId, CommandOutcome outcome) implements ControllerEffect {}

    /// This node became the active controller: its activation applied.
    ///
    /// @param term the Raft term
    /// @param activationId the activation
    record Activated(long term, long activationId) implements ControllerEffect {}

    /// The activation was given up; another follows while the node leads. For the log and metrics.
    ///
    /// @param reason why
    record Renounced(String reason) implements ControllerEffect {}

    /// Try to connect to a broker and tell what happened as [ControllerEvent.ProbeFinished].
    ///
    /// @param probeId names the probe in its answer
    /// @param nodeId the broker
    /// @param incarnation the process that is meant
    /// @param endpoint where to connect
    record Probe(long probeId, int nodeId, UUID incarnation, Endpoint endpoint)
            implements ControllerEffect {}

    /// A broker's process counts as gone from now on. For the log.
    ///
    /// @param nodeId the broker
    /// @param incarnation the process
    /// @param cause how that is known
    record SessionEnded(int nodeId, UUID incarnation, Cause cause) implements ControllerEffect {

        /// How a controller knows that a process is gone.
        public enum Cause {
            /// Its stream ended and nothing listens where it listened.
            REFUSED,
            /// Nothing was heard of it for the session timeout.
            SILENT
        }
    }
}
