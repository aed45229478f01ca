// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.OptionalInt;

/// Something a replica must react to.
public sealed interface ReplicaEvent {

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

    /// Every [ReplicaEffect.Append] asked for so far is in the log. Nothing but `Produce` may come
    /// between an `Append` and this or `AppendRefused`.
    ///
    /// @param endOffset the log end now, exclusive
    record Appended(long endOffset) implements ReplicaEvent {}

    /// None of the `Append`s asked for and not yet confirmed is in the log: no space.
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

    /// Time passed. A few a second while anything waits.
    record Tick() implements ReplicaEvent {}

    /// The log or its directory failed, or an invariant broke.
    ///
    /// @param readable see [ReplicaRole.Offline]
    record Failed(String reason, boolean readable) implements ReplicaEvent {}

    /// No new work is taken from now on; what waits may still be answered.
    record Drain() implements ReplicaEvent {}

    /// What still waits is answered with `Closed`.
    record Close() implements ReplicaEvent {}
}
