// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.nio.ByteBuffer;
import java.util.UUID;

/// What replicas of one partition tell each other. Every message names its session; lost, late,
/// repeated and reordered ones are harmless.
///
/// A session is opened by the follower. The leader's first answer is [Diverged], [Reset], [Refused]
/// or the first [Push]; from then on only pushes and acks pass. A session ends with the leader's
/// epoch, with a higher one of the same follower, with another incarnation of it, and with a push
/// that does not begin at the follower's end.
public sealed interface ReplicaMessage {

    /// The session it belongs to.
    SessionId session();

    /// The leader's epoch in which the session was opened.
    int leaderEpoch();

    /// From a follower to the leader.
    sealed interface ToLeader extends ReplicaMessage {}

    /// From a leader to a follower.
    sealed interface ToFollower extends ReplicaMessage {}

    /// Opens a session.
    ///
    /// @param directoryId of the directory that holds the follower's log
    /// @param lane on which the follower wants it
    /// @param fetchOffset the follower's log end, exclusive
    /// @param lastEpoch epoch of its last batch; -1 if its log is empty
    record OpenSession(
            SessionId session,
            int leaderEpoch,
            UUID directoryId,
            Lane lane,
            long fetchOffset,
            int lastEpoch)
            implements ToLeader {}

    /// How far the follower's log reaches. Never sent before the session's first push was accepted.
    ///
    /// @param appendedEnd exclusive end of the log
    /// @param durableEnd exclusive end of what is on stable storage
    /// @param highWatermark the follower's, so that its leader knows what it has heard
    record Ack(
            SessionId session,
            int leaderEpoch,
            long appendedEnd,
            long durableEnd,
            long highWatermark)
            implements ToLeader {}

    /// First message only: the follower cuts its log to the smaller of `endOffset` and its own end
    /// of `epoch`, and opens anew.
    ///
    /// @param epoch the largest one that the leader holds and that is not above the follower's
    ///   last; -1 if the two have nothing in common
    /// @param endOffset exclusive end of that epoch at the leader; its log start if there is none
    record Diverged(SessionId session, int leaderEpoch, int epoch, long endOffset)
            implements ToFollower {}

    /// First message only: the follower forgets everything and begins at `logStart`, with this
    /// history, durable before it reports any end; then it opens anew.
    ///
    /// @param epochHistory encoded epochs below `logStart`
    /// @param producerStates encoded producers as they were at `logStart`
    record Reset(
            SessionId session,
            int leaderEpoch,
            long logStart,
            ByteBuffer epochHistory,
            ByteBuffer producerStates)
            implements ToFollower {}

    /// Batches that begin at the follower's end, or none.
    ///
    /// @param baseOffset the follower's end as the leader knows it
    /// @param highWatermark the leader's; only rises
    /// @param logStart the leader's; only rises
    record Push(
            SessionId session,
            int leaderEpoch,
            long baseOffset,
            PushedBatches batches,
            long highWatermark,
            long logStart)
            implements ToFollower {}

    /// There is no such session here: not the leader, another epoch, an unknown incarnation. The
    /// follower opens again after a pause or with a newer image.
    record Refused(SessionId session, int leaderEpoch) implements ToFollower {}
}
