// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;

/// The offset below which every record is on all in-sync replicas, at the topic's durability.
/// Readers never see anything at or above it.
///
/// **Invariant:** never falls, whatever happens to the in-sync set, the leadership or the topic's
/// durability, unless the log itself is cut below it; never lies above the log end of a replica
/// that is counted.
///
/// Owned by the replica; not thread-safe.
final class HighWatermark {

    private long offset;

    /// @param offset last value known, at most the log end: the one in the checkpoint, which may be
    ///   lower than one that was shown, and is safe because the leader's epoch start bounds what is
    ///   answered before it has caught up (KIP-101)
    HighWatermark(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("high watermark " + offset);
        }
        this.offset = offset;
    }

    long offset() {
        return offset;
    }

    /// Moves to the smallest end that counts, if that is ahead.
    ///
    /// @param members the committed in-sync replicas and those of pending proposals, the leader
    ///   included; never empty
    /// @param durability of the topic
    /// @return `true` if it moved
    boolean advance(List<ReplicaEnd> members, Durability durability) {
        if (members.isEmpty()) {
            throw new IllegalStateException("no in-sync replica: the leader is always one");
        }
        var smallest = Long.MAX_VALUE;
        for (var member : members) {
            smallest = Math.min(smallest, member.at(durability));
        }
        if (smallest <= offset) {
            return false;
        }
        offset = smallest;
        return true;
    }

    /// A leader told its own: a follower takes it as far as its log reaches.
    ///
    /// @param told at most the log end
    void raiseTo(long told) {
        offset = Math.max(offset, told);
    }

    /// The log was cut: nothing at or above its end is known any more. What was committed is never
    /// cut, unless an operator ordered an unclean election.
    void cutTo(long logEnd) {
        offset = Math.min(offset, logEnd);
    }

    /// The log begins anew, where its leader keeps records: below that everything was committed.
    void reset(long logStart) {
        offset = logStart;
    }
}
