// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.List;

/// One replica of one partition: every decision about appending, committing and answering.
///
/// `step` takes one event and says what is to be done; it does nothing itself. The order of a
/// batch: `Produce` → `Append` → (written) `Appended` → `RequestFlush` → (flushed) `FlushDone` →
/// the high watermark passes it → `AnswerProduce`. With durability `fsync` nothing but `FlushDone`
/// moves the end that the high watermark counts.
///
/// **Threading:** none; one owner at a time. Same events, same effects.
///
/// **Invariant:** `highWatermark <= appendedEnd <= assignedEnd`, `durableEnd <= appendedEnd`; none
/// of them falls, but `assignedEnd` when an append was refused. A broken invariant throws
/// `IllegalStateException`: the shell then feeds `Failed`.
public final class PartitionReplica {

    private final int nodeId;
    private final LogQuery query;
    private final ParkedFetches parked;
    private final UnappendedSequences unappended;
    private final ProduceRules rules;

    /// Decided, and answered at the latest when the high watermark has passed them.
    private final PendingProduces awaitingCommit;

    /// Decided, and answered when the batch is in the leader's log.
    private final PendingProduces awaitingAppend;

    private final HighWatermark highWatermark;

    private ReplicaRole role = new ReplicaRole.Follower(Assignment.NO_LEADER, -1);
    private int partitionEpoch = -1;
    private List<Integer> replicas = List.of();
    private List<Integer> replicasById = List.of();
    private List<Integer> isr = List.of();
    private PartitionConfig config = PartitionConfig.DEFAULT;

    /// Exclusive end of what is in the log.
    private long appendedEnd;

    /// Exclusive end of what has an offset: above `appendedEnd` while `Append`s are under way.
    private long assignedEnd;

    /// Exclusive end of what flushes prove.
    private long durableEnd;

    /// The last flush found the disk full: nothing more is taken until one succeeds.
    private boolean spaceMissing;

    private boolean draining;
    private boolean closed;

    /// Effects of the event in hand; left as they are when it broke an invariant.
    private List<ReplicaEffect> effects = new ArrayList<>();

    private boolean inStep;

    /// @param log as recovery left it
    /// @param query what the log knows, all appended batches included
    public PartitionReplica(
            ReplicaIdentity identity, LogState log, LogQuery query, ReplicaLimits limits) {
        this.nodeId = identity.nodeId();
        this.query = query;
        this.appendedEnd = log.logEndOffset();
        this.assignedEnd = appendedEnd;
        this.durableEnd = log.durableEndOffset();
        this.highWatermark = new HighWatermark(log.startingHighWatermark());
        this.parked = new ParkedFetches(limits.parkedFetchesMax());
        this.unappended = new UnappendedSequences(query);
        this.rules = new ProduceRules(unappended);
        this.awaitingCommit =
                new PendingProduces(
                        limits.unansweredProducesMax(), limits.unansweredPerProducerMax());
        this.awaitingAppend =
                new PendingProduces(
                        limits.unansweredProducesMax(), limits.unansweredPerProducerMax());
    }

    /// Takes one event.
    ///
    /// @param nowMs monotonic time, in milliseconds
    /// @return what is to be done, in order
    /// @throws IllegalStateException if an invariant does not hold
    public List<ReplicaEffect> step(ReplicaEvent event, long nowMs) {
        var unfinished = inStep ? effects : List.<ReplicaEffect>of();
        inStep = true;
        effects = new ArrayList<>(4);
        switch (event) {
            case ReplicaEvent.ImageChanged image -> onImage(image);
            case ReplicaEvent.Produce produce -> onProduce(produce);
            case ReplicaEvent.Appended(long endOffset) -> onAppended(endOffset);
            case ReplicaEvent.AppendRefused _ -> onAppendRefused();
            case ReplicaEvent.FlushDone(long durableEndOffset) -> onFlushDone(durableEndOffset);
            case ReplicaEvent.FlushRefused _ -> spaceMissing = true;
            case ReplicaEvent.Park park -> onPark(park);
            case ReplicaEvent.Unpark(FetchTicket ticket) -> parked.unpark(ticket);
            case ReplicaEvent.Tick _ -> onTick(nowMs);
            case ReplicaEvent.Failed failed -> onFailed(failed, unfinished);
            case ReplicaEvent.Drain _ -> onDrain();
            case ReplicaEvent.Close _ -> onClose();
            case ReplicaEvent.Received(_, var message) -> onReceived(message);
            case ReplicaEvent.LinkBroken _,
                    ReplicaEvent.FeedBroken _,
                    ReplicaEvent.Truncated _,
                    ReplicaEvent.ResetDone _,
                    ReplicaEvent.IsrAnswered _ -> {}
        }
        checkEnds();
        inStep = false;
        return effects;
    }

    /// The state for everyone else.
    public ReplicaView view() {
        return new ReplicaView(
                nodeId,
                role,
                partitionEpoch,
                replicas,
                isr,
                highWatermark.offset(),
                durableEnd,
                appendedEnd,
                wantsTicks(),
                closed);
    }

    /// Whether nothing waits for an answer.
    public boolean isDrained() {
        return awaitingCommit.isEmpty() && awaitingAppend.isEmpty();
    }

    private boolean wantsTicks() {
        return !awaitingCommit.isEmpty() || (durableEnd < appendedEnd && !isOffline());
    }

    private boolean isOffline() {
        return role instanceof ReplicaRole.Offline;
    }

    // ---- leadership

    private void onImage(ReplicaEvent.ImageChanged image) {
        checkNothingUnderWay("an image");
        config = image.config();
        var assignment = image.assignment();
        if (assignment.leaderEpoch() < role.leaderEpoch()
                || assignment.partitionEpoch() < partitionEpoch) {
            return;
        }
        check(
                assignment.leaderEpoch() > role.leaderEpoch()
                        || assignment.leaderId() == role.leaderId(),
                "two leaders in one epoch",
                assignment.leaderEpoch());
        var led = role instanceof ReplicaRole.Leader;
        partitionEpoch = assignment.partitionEpoch();
        replicas = assignment.replicaIds();
        replicasById = replicas.stream().sorted().toList();
        isr = assignment.isr();
        role = roleIn(assignment);
        if (role instanceof ReplicaRole.Leader leader) {
            var latestEpoch = query.latestEpoch();
            check(latestEpoch <= leader.leaderEpoch(), "log is of a later epoch", latestEpoch);
            onEndMoved();
        } else if (led) {
            answerAll(new ProduceOutcome.Refused(hint(), true), new FetchVerdict.Refused(hint()));
        }
    }

    private ReplicaRole roleIn(Assignment assignment) {
        var leaderId = assignment.leaderId();
        var leaderEpoch = assignment.leaderEpoch();
        return switch (role) {
            case ReplicaRole.Offline(_, _, String reason, boolean readable) ->
                    new ReplicaRole.Offline(leaderId, leaderEpoch, reason, readable);
            case ReplicaRole.Leader leader when leader.leaderEpoch() == leaderEpoch -> leader;
            case ReplicaRole.Leader _, ReplicaRole.Follower _ ->
                    leaderId == nodeId
                            ? new ReplicaRole.Leader(leaderId, leaderEpoch, appendedEnd)
                            : new ReplicaRole.Follower(leaderId, leaderEpoch);
        };
    }

    private NotLeader hint() {
        return new NotLeader(role.leaderId(), role.leaderEpoch());
    }

    private void onReceived(ReplicaMessage message) {
        if (message instanceof ReplicaMessage.Push push) {
            effects.add(new ReplicaEffect.ReleasePushed(push.batches()));
        }
    }

    // ---- produce

    private void onProduce(ReplicaEvent.Produce produce) {
        switch (role) {
            case ReplicaRole.Offline offline ->
                    answer(
                            produce.ticket(),
                            new ProduceOutcome.LogDirOffline(offline.reason(), false));
            case ReplicaRole.Follower _ ->
                    answer(produce.ticket(), new ProduceOutcome.Refused(hint(), false));
            case ReplicaRole.Leader leader -> onProduceAsLeader(produce, leader);
        }
    }

    private void onProduceAsLeader(ReplicaEvent.Produce produce, ReplicaRole.Leader leader) {
        var named = produce.leaderEpoch();
        if (named.isPresent() && named.getAsInt() != leader.leaderEpoch()) {
            answer(produce.ticket(), new ProduceOutcome.Refused(hint(), false));
            return;
        }
        if (draining) {
            answer(produce.ticket(), new ProduceOutcome.Closed(false));
            return;
        }
        if (spaceMissing) {
            answer(produce.ticket(), new ProduceOutcome.LogDirFull());
            return;
        }
        var waiting = produce.acks() == Acks.ALL ? awaitingCommit : awaitingAppend;
        if (waiting.isFull()) {
            answer(produce.ticket(), new ProduceOutcome.Overloaded("unanswered produces"));
            return;
        }
        switch (rules.decide(produce, config, isr.size(), replicas.size())) {
            case ProduceRules.Decision.Refuse(ProduceOutcome outcome) ->
                    answer(produce.ticket(), outcome);
            case ProduceRules.Decision.Duplicate(long baseOffset) -> {
                waiting.add(produce, baseOffset, true);
                answerReached();
            }
            case ProduceRules.Decision.Append _ -> append(produce, waiting, leader.leaderEpoch());
        }
    }

    private void append(ReplicaEvent.Produce produce, PendingProduces waiting, int leaderEpoch) {
        var batch = produce.batch();
        if (waiting.isFullFor(batch.producerId())) {
            answer(
                    produce.ticket(),
                    new ProduceOutcome.Overloaded("unanswered batches of one producer"));
            return;
        }
        var baseOffset = assignedEnd;
        if (batch.isSequenced()) {
            unappended.decided(batch, baseOffset);
        }
        waiting.add(produce, baseOffset, false);
        assignedEnd = baseOffset + batch.recordCount();
        effects.add(new ReplicaEffect.Append(produce.ticket(), baseOffset, leaderEpoch));
    }

    private void onAppended(long endOffset) {
        check(endOffset == assignedEnd, "appended end is not the one assigned", endOffset);
        check(role instanceof ReplicaRole.Leader, "append without leading", endOffset);
        appendedEnd = endOffset;
        unappended.clear();
        onEndMoved();
    }

    private void onAppendRefused() {
        unappended.clear();
        assignedEnd = appendedEnd;
        var full = new ProduceOutcome.LogDirFull();
        awaitingAppend.takeAbove(appendedEnd, pending -> answer(pending.ticket(), full));
        awaitingCommit.takeAbove(appendedEnd, pending -> answer(pending.ticket(), full));
    }

    // ---- commit

    private void onFlushDone(long durableEndOffset) {
        check(durableEndOffset <= appendedEnd, "flushed more than appended", durableEndOffset);
        durableEnd = Math.max(durableEnd, durableEndOffset);
        spaceMissing = false;
        if (!isOffline()) {
            onEndMoved();
        }
    }

    /// An end that the high watermark counts, or the way it counts, may have changed.
    private void onEndMoved() {
        if (role instanceof ReplicaRole.Leader) {
            var enough = isr.size() >= Math.min(config.minInsyncReplicas(), replicas.size());
            if (enough && highWatermark.advance(endsOf(isr), config.durability())) {
                var readable = new FetchVerdict.Read(highWatermark.offset());
                parked.takeBelow(highWatermark.offset()).forEach(ticket -> wake(ticket, readable));
            }
            answerReached();
        }
        if (durableEnd < appendedEnd && (draining || config.durability() == Durability.FSYNC)) {
            effects.add(new ReplicaEffect.RequestFlush());
        }
    }

    private List<ReplicaEnd> endsOf(List<Integer> members) {
        var ends = new ArrayList<ReplicaEnd>(members.size());
        for (var member : members) {
            ends.add(endOf(member));
        }
        return ends;
    }

    /// What a replica has acknowledged in this leader's epoch. Of a follower nothing is known
    /// before it has opened a session, so it holds the high watermark where it is.
    private ReplicaEnd endOf(int member) {
        return member == nodeId
                ? new ReplicaEnd(nodeId, appendedEnd, durableEnd)
                : new ReplicaEnd(member, 0, 0);
    }

    private void answerReached() {
        awaitingAppend.takeReached(appendedEnd, this::accept);
        awaitingCommit.takeReached(highWatermark.offset(), this::accept);
    }

    private void accept(PendingProduces.Pending pending) {
        var receipt = Receipts.of(pending, role.leaderEpoch(), endsOf(replicasById), isr);
        answer(pending.ticket(), new ProduceOutcome.Accepted(receipt));
    }

    // ---- fetch

    private void onPark(ReplicaEvent.Park park) {
        // The reader's start offset was judged against a view that may be old by now. The log start
        // is judged again when it reads.
        switch (view().admit(park.offset(), park.leaderEpoch(), 0)) {
            case FetchVerdict.Wait _ -> {
                if (!parked.park(park.ticket(), park.offset())) {
                    wake(park.ticket(), new FetchVerdict.Overloaded());
                }
            }
            case FetchVerdict verdict -> wake(park.ticket(), verdict);
        }
    }

    // ---- time, failure, end

    private void onTick(long nowMs) {
        var timedOut = new ProduceOutcome.TimedOut();
        awaitingCommit.takeExpired(nowMs, pending -> answer(pending.ticket(), timedOut));
        if (durableEnd < appendedEnd && !isOffline()) {
            effects.add(new ReplicaEffect.RequestFlush());
        }
    }

    /// @param unfinished effects of the event that broke an invariant: who was to be answered then
    ///   waits no more, and must still hear something
    private void onFailed(ReplicaEvent.Failed failed, List<ReplicaEffect> unfinished) {
        answerInstead(
                unfinished,
                new ProduceOutcome.LogDirOffline(failed.reason(), true),
                new FetchVerdict.Offline(failed.reason()));
        if (role instanceof ReplicaRole.Offline offline
                && (failed.readable() || !offline.readable())) {
            return;
        }
        unappended.clear();
        assignedEnd = appendedEnd;
        role =
                new ReplicaRole.Offline(
                        role.leaderId(), role.leaderEpoch(), failed.reason(), failed.readable());
        answerAll(
                new ProduceOutcome.LogDirOffline(failed.reason(), true),
                new FetchVerdict.Offline(failed.reason()));
    }

    private void onDrain() {
        checkNothingUnderWay("a drain");
        draining = true;
        if (!isOffline()) {
            onEndMoved();
        }
    }

    private void onClose() {
        draining = true;
        closed = true;
        answerAll(new ProduceOutcome.Closed(true), new FetchVerdict.Closed());
    }

    private void answerAll(ProduceOutcome outcome, FetchVerdict verdict) {
        awaitingAppend.takeAll(pending -> answer(pending.ticket(), outcome));
        awaitingCommit.takeAll(pending -> answer(pending.ticket(), outcome));
        parked.takeAll().forEach(ticket -> wake(ticket, verdict));
    }

    private void answerInstead(
            List<ReplicaEffect> unfinished, ProduceOutcome outcome, FetchVerdict verdict) {
        for (var effect : unfinished) {
            if (effect instanceof ReplicaEffect.AnswerProduce(ProduceTicket ticket, _)) {
                answer(ticket, outcome);
            } else if (effect instanceof ReplicaEffect.WakeFetch(FetchTicket ticket, _)) {
                wake(ticket, verdict);
            }
            // An append's produce waits still; nothing else is wanted any more.
        }
    }

    private void answer(ProduceTicket ticket, ProduceOutcome outcome) {
        effects.add(new ReplicaEffect.AnswerProduce(ticket, outcome));
    }

    private void wake(FetchTicket ticket, FetchVerdict verdict) {
        effects.add(new ReplicaEffect.WakeFetch(ticket, verdict));
    }

    // ---- invariants

    private void checkNothingUnderWay(String what) {
        check(assignedEnd == appendedEnd, what + " between an append and its end", assignedEnd);
    }

    private void checkEnds() {
        check(durableEnd <= appendedEnd, "durable end above log end", durableEnd);
        check(appendedEnd <= assignedEnd, "log end above what was assigned", appendedEnd);
        check(highWatermark.offset() <= appendedEnd, "high watermark above log end", appendedEnd);
    }

    private static void check(boolean holds, String broken, long actual) {
        if (!holds) {
            throw new IllegalStateException(broken + ": " + actual);
        }
    }
}
