// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.log;

import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/// A replicated log of opaque batches.
///
/// **Order:** batches proposed by one thread in one leadership are appended in that order.
/// Proposals of several threads have no order, so one thread, the controller's, proposes.
public interface MetadataLog {

    /// Largest batch taken, in bytes. The replication limit is 1 MiB; half of it leaves room for
    /// framing and keeps one batch from filling a follower's window.
    int BATCH_BYTES_MAX = 512 * 1024;

    /// Proposes one batch.
    ///
    /// May block the caller until the batch is in the leader's memory, never until it is on disk.
    ///
    /// @param batch at most [#BATCH_BYTES_MAX]; not changed by anyone afterwards
    /// @return completes, on any thread, when the outcome is known; never exceptionally. The stage
    ///   completes after [LogListener#apply] of that entry returned on this node
    CompletionStage<ProposalOutcome> propose(byte[] batch);

    /// @return the node id of the leader that this node believes in; empty while there is none. A
    ///   hint: it may be out of date
    OptionalInt leaderHint();
}
