// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.NotLeader;
import dev.weir.log.LogSlice;

/// The answer to one fetch.
public sealed interface FetchOutcome {

    /// Whole committed batches, ascending; none only when the fetch did not wait.
    ///
    /// @param slice owned by the receiver, who releases it once, when the bytes are sent. The first
    ///   batch may begin below the wanted offset
    /// @param highWatermark exclusive end of what may be read
    /// @param logStartOffset inclusive start of what is still there
    record Data(LogSlice slice, long highWatermark, long logStartOffset, int leaderEpoch)
            implements FetchOutcome {}

    /// OFFSET_OUT_OF_RANGE: below the log start or beyond the log end.
    record OffsetOutOfRange(long offset, long logStartOffset, long highWatermark, int leaderEpoch)
            implements FetchOutcome {}

    /// NOT_LEADER: this replica does not lead, or the reader knows a newer epoch than its own.
    record Refused(NotLeader hint) implements FetchOutcome {}

    /// Pressure: too many fetches are parked or being read. Retry later.
    record Overloaded(String what) implements FetchOutcome {}

    /// STORED_BATCH_CORRUPT: what is stored is not what was written.
    ///
    /// @param reason fit for the reader: names no file
    record Corrupt(long offset, String reason) implements FetchOutcome {}

    /// LOG_DIR_OFFLINE: the bytes cannot be read.
    record LogDirOffline(String reason) implements FetchOutcome {}

    /// The topic was deleted, or the node shuts down.
    record Closed() implements FetchOutcome {}
}
