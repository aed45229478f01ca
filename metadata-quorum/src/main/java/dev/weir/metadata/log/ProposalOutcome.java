// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.log;

/// What became of one proposed batch.
public sealed interface ProposalOutcome {

    /// Committed and applied: the only outcome that proves anything.
    ///
    /// @param index log index of the batch, which is its metadata offset
    record Applied(long index) implements ProposalOutcome {}

    /// Committed, but skipped by the fence at apply, on every voter alike: it changed nothing.
    ///
    /// @param index log index of the skipped batch
    record Skipped(long index) implements ProposalOutcome {}

    /// Nobody knows. The batch may never be committed, or may be committed later by another leader:
    /// Ratis answers "not leader" also for entries that survive.
    ///
    /// @param reason for logs; not parsed by anyone
    record Unknown(String reason) implements ProposalOutcome {}
}
