// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Something a replica wants done.
public sealed interface ReplicaEffect {

    /// Write the ticket's batch at the end of the log. Those of one turn may be written together,
    /// in order; then `Appended` or `AppendRefused` is due.
    ///
    /// @param baseOffset offset that its first record gets
    /// @param leaderEpoch epoch to be stamped into it
    record Append(ProduceTicket ticket, long baseOffset, int leaderEpoch)
            implements ReplicaEffect {}

    /// Flush the log, covering at least what is appended now. Asked for again when a flush has
    /// ended and did not cover everything.
    record RequestFlush() implements ReplicaEffect {}

    /// Answer a produce.
    record AnswerProduce(ProduceTicket ticket, ProduceOutcome outcome) implements ReplicaEffect {}

    /// Answer a parked fetch: read now, or the refusal.
    record WakeFetch(FetchTicket ticket, FetchVerdict verdict) implements ReplicaEffect {}
}
