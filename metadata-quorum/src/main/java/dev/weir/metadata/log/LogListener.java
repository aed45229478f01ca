// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// The state behind a [MetadataLog].
///
/// **Threading:** [#apply], [#writeSnapshot], [#readSnapshot] and [#leaderReady] are called by one
/// thread, in log order. [#leadershipLost] comes from any thread, possibly under the log's locks:
/// it only enqueues.
public interface LogListener {

    /// Whether an entry changed the state.
    enum Verdict {
        APPLIED,
        /// The fence refused it. Deterministic: every voter refuses the same entries.
        SKIPPED
    }

    /// One committed entry. Called once per index and life of this node, in index order, also for
    /// entries replayed after a restart.
    ///
    /// A throw is a broken invariant: the node halts, it does not go on with a diverging state.
    ///
    /// @param index log index; rises, with holes where the log keeps entries of its own
    /// @param term term of the leader that appended the entry
    /// @param batch the bytes that were proposed
    Verdict apply(long index, long term, byte[] batch);

    /// Writes the whole state, as of the last applied entry.
    ///
    /// @param out not closed by the callee; made durable by the caller before the log is purged
    /// @throws IOException nothing was snapshotted; the log is kept and the node goes on
    void writeSnapshot(OutputStream out) throws IOException;

    /// Replaces the whole state: at start, or when a leader sent its snapshot.
    ///
    /// @param in what [#writeSnapshot] wrote on this or another voter, checksum already verified
    /// @throws IOException the node cannot start or go on
    void readSnapshot(InputStream in) throws IOException;

    /// This node leads `term` and every entry of earlier terms has been applied.
    void leaderReady(long term);

    /// This node does not lead any longer. May come without [#leaderReady] before it.
    void leadershipLost();
}
