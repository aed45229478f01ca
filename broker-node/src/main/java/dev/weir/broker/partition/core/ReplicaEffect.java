// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;
import java.util.SortedSet;

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

    /// Send a message to another replica, once the log holds what the turn appended. Of several
    /// [ReplicaMessage.Ack]s of one session in one turn the last is enough.
    record Send(int toNode, Lane lane, ReplicaMessage message) implements ReplicaEffect {}

    /// Push to a follower from an offset on, in place of any earlier feed of that follower. The
    /// first push goes out at once, empty if there is nothing yet; the later ones as the log grows.
    /// Each begins where the one before ended, and carries the high watermark and log start of the
    /// moment.
    record Feed(int follower, SessionId session, Lane lane, long fromOffset)
            implements ReplicaEffect {}

    /// The follower of a feed holds everything below this offset: its window moves.
    record AdvanceFeed(int follower, long ackedEnd) implements ReplicaEffect {}

    /// Push something to a follower that is fed, and nothing if need be: it makes the follower
    /// acknowledge, and tells it the high watermark.
    record NudgeFeed(int follower) implements ReplicaEffect {}

    /// Push no more to a follower.
    record StopFeed(int follower) implements ReplicaEffect {}

    /// Write a leader's batches at the end of the log, with the offsets and epochs they carry, and
    /// give the bytes back. Then `Appended` or `AppendRefused` is due, before any other event.
    ///
    /// @param baseOffset the log end, where they begin
    record AppendReplicated(PushedBatches batches, long baseOffset) implements ReplicaEffect {}

    /// Give the bytes of a push back: it is not wanted.
    record ReleasePushed(PushedBatches batches) implements ReplicaEffect {}

    /// Cut the log. May be done off the turn; `Truncated` is due when it is durable, and the
    /// replica asks for no other change of the log before.
    ///
    /// @param offset exclusive end wanted; at or above the log start
    record TruncateTo(long offset) implements ReplicaEffect {}

    /// Empty the log and begin it anew. May be done off the turn; `ResetDone` is due when it is
    /// durable, and the replica asks for no other change of the log before.
    record ResetTo(ReplicaMessage.Reset reset) implements ReplicaEffect {}

    /// Tell an operator that this replica gave up records that it knew to be committed: without an
    /// ordered unclean election that must not be.
    ///
    /// @param highWatermark up to where it knew them
    /// @param logEnd from where they are gone
    record CommittedCut(long highWatermark, long logEnd) implements ReplicaEffect {}

    /// Drop what lies below an offset: the leader keeps it no more. Needs no answer.
    record RaiseLogStart(long offset) implements ReplicaEffect {}

    /// Propose an ISR to the controller. `IsrAnswered` is due, at the latest as `Unknown`.
    ///
    /// @param proposalNumber names the proposal in its answer; a retry repeats all of it
    /// @param partitionEpoch the one that the change is based on
    /// @param isr in the order of the replicas
    record ProposeIsr(long proposalNumber, int leaderEpoch, int partitionEpoch, List<IsrMember> isr)
            implements ReplicaEffect {

        public ProposeIsr {
            isr = List.copyOf(isr);
        }
    }

    /// Tell the controller that every member covered holds the log on stable storage, as it was
    /// when durability changed to `fsync`. Repeated until an image shows it.
    ///
    /// @param covered nodes whose durable ends were counted
    record ConfirmFsync(int leaderEpoch, int partitionEpoch, SortedSet<Integer> covered)
            implements ReplicaEffect {}
}
