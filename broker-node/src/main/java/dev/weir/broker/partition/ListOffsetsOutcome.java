// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.NotLeader;

import java.util.OptionalLong;

/// The answer to one question for an offset.
public sealed interface ListOffsetsOutcome {

    /// The offset asked for.
    ///
    /// @param timestampMs of the record at `offset`, for a question by time that found one
    record Found(
            long offset,
            OptionalLong timestampMs,
            int leaderEpoch,
            long logStartOffset,
            long highWatermark)
            implements ListOffsetsOutcome {}

    /// NOT_LEADER.
    record Refused(NotLeader hint) implements ListOffsetsOutcome {}

    /// HIGH_WATERMARK_NOT_READY: the leader is so new that its high watermark may still lie below
    /// offsets that readers have seen. Retry soon.
    record HighWatermarkNotReady() implements ListOffsetsOutcome {}

    /// Pressure: too many reads. Retry later.
    record Overloaded(String what) implements ListOffsetsOutcome {}

    /// STORED_BATCH_CORRUPT: the search met bytes that are not what was written.
    ///
    /// @param reason fit for the asker: names no file
    record Corrupt(String reason) implements ListOffsetsOutcome {}

    /// LOG_DIR_OFFLINE.
    record LogDirOffline(String reason) implements ListOffsetsOutcome {}

    /// The topic was deleted, or the node shuts down.
    record Closed() implements ListOffsetsOutcome {}
}
