// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;
import java.util.OptionalInt;

/// A replica's state at the end of a turn, for everyone else. Immutable.
///
/// @param nodeId this node
/// @param highWatermark exclusive end of what may be read
/// @param durableEndOffset exclusive end of what is on this node's stable storage
/// @param logEndOffset exclusive end of what is appended
/// @param wantsTicks something waits that only time can move
/// @param closed no new work is taken
public record ReplicaView(
        int nodeId,
        ReplicaRole role,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        long highWatermark,
        long durableEndOffset,
        long logEndOffset,
        boolean wantsTicks,
        boolean closed) {

    /// Judges a fetch. NOT_LEADER comes before OUT_OF_RANGE: a deposed leader knows no range.
    ///
    /// @param knownEpoch highest leader epoch the reader has seen
    /// @param logStartOffset first offset that is kept
    public FetchVerdict admit(long offset, OptionalInt knownEpoch, long logStartOffset) {
        var verdict = admitQuestion(knownEpoch);
        return verdict instanceof FetchVerdict.Read ? range(offset, logStartOffset) : verdict;
    }

    /// Judges a question for an offset: `Read` when this replica may answer it. A directory that
    /// failed still tells what it holds.
    ///
    /// @param knownEpoch highest leader epoch the asker has seen
    public FetchVerdict admitQuestion(OptionalInt knownEpoch) {
        if (closed) {
            return new FetchVerdict.Closed();
        }
        return switch (role) {
            case ReplicaRole.Offline offline when !offline.readable() ->
                    new FetchVerdict.Offline(offline.reason());
            case ReplicaRole.Follower _ -> new FetchVerdict.Refused(hint());
            case ReplicaRole.Leader _, ReplicaRole.Offline _ ->
                    leads(knownEpoch)
                            ? new FetchVerdict.Read(highWatermark)
                            : new FetchVerdict.Refused(hint());
        };
    }

    /// Whether the high watermark has reached this leader's epoch: only then is it known not to lie
    /// below what readers of an earlier leader have seen.
    public boolean latestIsKnown() {
        return switch (role) {
            case ReplicaRole.Leader leader -> highWatermark >= leader.epochStartOffset();
            case ReplicaRole.Offline offline -> offline.knowsAll();
            case ReplicaRole.Follower _ -> true;
        };
    }

    /// Who leads, for a refusal.
    public NotLeader hint() {
        return new NotLeader(role.leaderId(), role.leaderEpoch());
    }

    /// A replica whose directory failed goes on to be read while nobody else leads: what lies below
    /// its high watermark is committed.
    private boolean leads(OptionalInt knownEpoch) {
        var isLastResort =
                role instanceof ReplicaRole.Offline && role.leaderId() == Assignment.NO_LEADER;
        return (role.leaderId() == nodeId || isLastResort)
                && (knownEpoch.isEmpty() || knownEpoch.getAsInt() <= role.leaderEpoch());
    }

    private FetchVerdict range(long offset, long logStartOffset) {
        if (offset < logStartOffset) {
            return new FetchVerdict.OutOfRange();
        }
        if (offset < highWatermark) {
            return new FetchVerdict.Read(highWatermark);
        }
        if (role instanceof ReplicaRole.Offline offline
                && (offset <= logEndOffset || !offline.knowsAll())) {
            return new FetchVerdict.Offline(offline.reason());
        }
        return offset > logEndOffset ? new FetchVerdict.OutOfRange() : new FetchVerdict.Wait();
    }
}
