// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A controller takes over. It is the only record of its batch, whose sequence number is 0.
///
/// Applies only if `term` is the term of its own log entry and `activationId` exceeds the current
/// one (ADR 0005): an entry that was decided in one leadership and appended in another is skipped.
///
/// @param term the Raft term in which the controller was elected
/// @param activationId the last applied activation id + 1, as the controller saw it
public record ControllerActivated(long term, long activationId) implements MetadataRecord {

    /// Refuses terms and ids that no controller has.
    public ControllerActivated {
        Checks.atLeast(1, term, "term");
        Checks.atLeast(1, activationId, "activationId");
    }
}
