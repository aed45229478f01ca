// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.OptionalInt;

/// Something a replica must react to.
public sealed interface ReplicaEvent {

    /// What the replica's dealings with others bring.
    sealed interface OfReplication extends ReplicaEvent {}

    /// The metadata changed. Images arrive in order.
    record ImageChanged(Assignment assignment, PartitionConfig config) implements ReplicaEvent {}

    /// A valid batch wants to be appended.
    ///
    /// @param leaderEpoch when present, any other epoch of this leader is a refusal
    /// @param deadlineMs monotonic, as `nowMs`
    /// @param wallMs wall time of receipt, milliseconds since the Unix epoch
    record Produce(
            ProduceTicket ticket,
            BatchSummary batch,
            Acks acks,
            OptionalInt leaderEpoch,
            long deadlineMs,
            long wallMs)
            implements ReplicaEvent {}

    /// Every [ReplicaEffect.Append], or the [ReplicaEffect.AppendReplicated], asked for so far is
    /// in the log. Nothing but `Produce` may come between an `Append` and this or `AppendRefused`,
    /// and nothing at all between an `AppendReplicated` and this or `AppendRefused`.
    ///
    /// @param endOffset the log end now, exclusive
    record Appended(long endOffset) implements ReplicaEvent {}

    /// None of the appends asked for and not yet confirmed is in the log: no space, or, of an
    /// `AppendReplicated`, bytes that are no valid batches.
    record AppendRefused() implements ReplicaEvent {}

    /// A flush proved this much.
    ///
    /// @param durableEndOffset exclusive
    record FlushDone(long durableEndOffset) implements ReplicaEvent {}

    /// A flush proved nothing, but a later one may: no space for what lies beside the batches.
    record FlushRefused() implements ReplicaEvent {}

    /// A reader waits for something at or above an offset to be committed.
    ///
    /// @param leaderEpoch highest leader epoch the reader has seen
    record Park(FetchTicket ticket, long offset, OptionalInt leaderEpoch) implements ReplicaEvent {}

    /// A reader has gone. Does nothing if it was answered.
    record Unpark(FetchTicket ticket) implements ReplicaEvent {}

    /// Time passed. Every 50 ms or so while [ReplicaView#wantsTicks] says that anything waits for
    /// it.
    record Tick() implements ReplicaEvent {}

    /// The log or its directory failed, or an invariant broke.
    ///
    /// @param readable see [ReplicaRole.Offline]
    record Failed(String reason, boolean readable) implements ReplicaEvent {}

    /// No new work is taken from now on; what waits may still be answered.
    record Drain() implements ReplicaEvent {}

    /// What still waits is answered with `Closed`.
    record Close() implements ReplicaEvent {}

    /// A message of another replica has arrived. The replica owns the bytes of a push from here on.
    record Received(int fromNode, ReplicaMessage message) implements OfReplication {}

    /// The stream that carried a lane to or from a node broke: what was on its way may be lost.
    record LinkBroken(int node, Lane lane) implements OfReplication {}

    /// A feed cannot go on, because the log no longer holds what comes next or cannot be read.
    record FeedBroken(int follower, SessionId session) implements OfReplication {}

    /// A [ReplicaEffect.TruncateTo] is done, and durable.
    ///
    /// @param logEnd the log end now, exclusive; at most the offset asked for
    record Truncated(long logEnd) implements ReplicaEvent {}

    /// A [ReplicaEffect.ResetTo] is done, and durable.
    ///
    /// @param logStart start and end of the log now
    record ResetDone(long logStart) implements ReplicaEvent {}

    /// The controller answered a [ReplicaEffect.ProposeIsr], or it is given up as unknown. May come
    /// late, twice, or never.
    record IsrAnswered(long proposalNumber, IsrOutcome outcome) implements OfReplication {}
}
