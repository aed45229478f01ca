// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import dev.weir.record.RecordBatch;

import java.util.OptionalLong;

/// Where reading of one partition stands.
///
/// **Invariant:** once known, the position never goes back, over any number of subscriptions;
/// neither do the leader epoch and the high watermark.
public final class ReadCursor {

    /// What to do with a batch that was pushed.
    public enum Verdict {
        /// It has records from the position on.
        DELIVER,
        /// It lies below the position, or holds no records for consumers.
        SKIP,
        /// It fails its CRC.
        CORRUPT
    }

    private static final long UNKNOWN = -1;

    private long position = UNKNOWN;
    private long highWatermark = UNKNOWN;
    private int leaderEpoch = -1;

    /// Offset of the next record wanted; empty until a node has said where the start is.
    public OptionalLong position() {
        return position == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(position);
    }

    /// Highest high watermark heard of, exclusive.
    public OptionalLong highWatermark() {
        return highWatermark == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(highWatermark);
    }

    /// Highest leader epoch heard of; -1: none.
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /// A node answered.
    ///
    /// @param startOffset what the subscription's start stands for, in its first answer
    public void onAnswer(long newHighWatermark, int newLeaderEpoch, OptionalLong startOffset) {
        highWatermark = Math.max(highWatermark, newHighWatermark);
        leaderEpoch = Math.max(leaderEpoch, newLeaderEpoch);
        if (position == UNKNOWN && startOffset.isPresent()) {
            position = startOffset.getAsLong();
        }
    }

    /// A batch was pushed. Moves past it unless it is corrupt.
    ///
    /// @throws IllegalStateException if the start is not known yet: a node says it before it pushes
    public Verdict onBatch(RecordBatch batch) {
        if (position == UNKNOWN) {
            throw new IllegalStateException("a batch before the start offset");
        }
        if (batch.nextOffset() <= position) {
            return Verdict.SKIP;
        }
        if (batch.computeCrc() != batch.crc()) {
            return Verdict.CORRUPT;
        }
        position = batch.nextOffset();
        return batch.isControl() ? Verdict.SKIP : Verdict.DELIVER;
    }
}
