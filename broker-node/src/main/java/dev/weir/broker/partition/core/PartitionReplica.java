// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeMap;

/// One replica of one partition: every decision about appending, replicating, committing and
/// answering.
///
/// `step` takes one event and says what is to be done; it does nothing itself. The way of a batch:
/// `Produce` → `Append` → (written) `Appended` → `RequestFlush` → (flushed) `FlushDone`, and on
/// every follower `Received(Push)` → `AppendReplicated` → `Appended` → `RequestFlush` → `FlushDone`
/// → `Send(Ack)` → back at the leader `Received(Ack)` → the high watermark passes it →
/// `AnswerProduce`. With durability `fsync` nothing but `FlushDone` moves the ends that the high
/// watermark counts.
///
/// Who decides what: [Produces] about batches, [LeaderSide] and [FollowerSide] about the other
/// replicas, this class about leadership, readers, failure and end.
///
/// **Threading:** none; one owner at a time. Same events, same effects.
///
/// **Invariant:** `highWatermark <= appendedEnd <= assignedEnd`, `durableEnd <= appendedEnd`; none
/// of them falls, but where an append was refused or the log was cut. A broken invariant throws
/// `IllegalStateException`: the shell then feeds `Failed`.
public final class PartitionReplica {

    /// How often what topics of durability `replicated` appended is flushed.
    private static final long FLUSH_MS = 250;

    private final ReplicaContext context;
    private final LogEnds ends;
    private final CommittedState committed;
    private final Produces produces;
    private final ParkedFetches parked;

    private ReplicaRole role = new ReplicaRole.Follower(Assignment.NO_LEADER, -1);
    private Side side;

    /// What followers asked that have heard of a newer epoch than this replica, the last of each.
    private final TreeMap<Integer, ReplicaMessage.OpenSession> early = new TreeMap<>();

    /// The newest image that came while the log was being cut.
    private ReplicaEvent.@Nullable ImageChanged deferred;

    /// The last flush found the disk full: nothing more is taken until one succeeds.
    private boolean spaceMissing;

    private long flushAtMs = Long.MIN_VALUE;
    private boolean draining;
    private boolean closed;
    private boolean inStep;

    /// @param log as recovery left it
    /// @param query what the log knows, all appended batches included
    public PartitionReplica(
            ReplicaIdentity identity, LogState log, LogQuery query, ReplicaLimits limits) {
        this.context = new ReplicaContext(identity, log, query, limits);
        this.ends = context.ends();
        this.committed = context.committed();
        this.produces = new Produces(context);
        this.parked = new ParkedFetches(limits.parkedFetchesMax());
        this.side = new NoSide(context, false);
    }

    /// Takes one event.
    ///
    /// @param nowMs monotonic time, in milliseconds
    /// @return what is to be done, in order
    /// @throws IllegalStateException if an invariant does not hold
    public List<ReplicaEffect> step(ReplicaEvent event, long nowMs) {
        var before = context.begin(nowMs);
        var unfinished = inStep ? before : List.<ReplicaEffect>of();
        inStep = true;
        var highWatermark = context.highWatermark().offset();
        switch (event) {
            case ReplicaEvent.ImageChanged image -> onImage(image);
            case ReplicaEvent.Produce produce -> onProduce(produce);
            case ReplicaEvent.Appended(long endOffset) -> onAppended(endOffset);
            case ReplicaEvent.AppendRefused _ -> onAppendRefused();
            case ReplicaEvent.FlushDone(long durableEndOffset) -> onFlushDone(durableEndOffset);
            case ReplicaEvent.FlushRefused _ -> spaceMissing = true;
            case ReplicaEvent.Park park -> onPark(park);
            case ReplicaEvent.Unpark(FetchTicket ticket) -> parked.unpark(ticket);
            case ReplicaEvent.Tick _ -> onTick();
            case ReplicaEvent.Failed failed -> onFailed(failed, unfinished);
            case ReplicaEvent.Drain _ -> onDrain();
            case ReplicaEvent.Close _ -> onClose();
            case ReplicaEvent.Truncated(long logEnd) -> onTruncated(logEnd);
            case ReplicaEvent.ResetDone(long logStart) -> onResetDone(logStart);
            case ReplicaEvent.OfReplication replication -> onReplication(replication);
        }
        answerReached(highWatermark);
        ends.check(context.highWatermark().offset());
        inStep = false;
        return context.effects();
    }

    /// The state for everyone else.
    public ReplicaView view() {
        return new ReplicaView(
                context.nodeId(),
                role,
                committed.partitionEpoch(),
                committed.replicaIds(),
                committed.isr(),
                context.highWatermark().offset(),
                ends.durable(),
                ends.appended(),
                wantsTicks(),
                closed);
    }

    /// Whether nothing waits for an answer.
    public boolean isDrained() {
        return produces.isEmpty();
    }

    private boolean wantsTicks() {
        return produces.wantsTicks() || side.wantsTicks() || (owesFlush() && !isOffline());
    }

    /// Also one for space: what could not be made durable need not be batches.
    private boolean owesFlush() {
        return spaceMissing || !ends.isFlushed();
    }

    private boolean isOffline() {
        return role instanceof ReplicaRole.Offline;
    }

    // ---- leadership

    private void onImage(ReplicaEvent.ImageChanged image) {
        checkNothingUnderWay("an image");
        if (side.isCutting()) {
            deferred = image;
            return;
        }
        var configBefore = context.config();
        context.configure(image.config());
        var assignment = image.assignment();
        if (committed.isPast(assignment)) {
            return;
        }
        var isNewEpoch = assignment.leaderEpoch() > committed.leaderEpoch();
        var moved = committed.take(assignment);
        if (isNewEpoch) {
            changeRole();
        } else {
            side.onImage(configBefore, moved);
        }
        if (!isOffline()) {
            context.requestFlush(draining);
        }
        answerEarly();
    }

    private void changeRole() {
        var led = role instanceof ReplicaRole.Leader;
        var leaderId = committed.leaderId();
        var leaderEpoch = committed.leaderEpoch();
        side.end();
        if (role instanceof ReplicaRole.Offline offline) {
            role = offline.in(leaderId, leaderEpoch);
        } else if (leaderId == context.nodeId()) {
            role = new ReplicaRole.Leader(leaderId, leaderEpoch, ends.appended());
        } else {
            role = new ReplicaRole.Follower(leaderId, leaderEpoch);
        }
        if (led && !(role instanceof ReplicaRole.Leader)) {
            answerAll(new ProduceOutcome.Refused(hint(), true), new FetchVerdict.Refused(hint()));
        }
        side = newSide();
    }

    private Side newSide() {
        if (closed || isOffline()) {
            return new NoSide(context, true);
        }
        if (role instanceof ReplicaRole.Leader) {
            var latestEpoch = context.log().latestEpoch();
            LogEnds.check(
                    latestEpoch <= role.leaderEpoch(), "log is of a later epoch", latestEpoch);
            var leader = new LeaderSide(context);
            leader.onImage(context.config(), false);
            return leader;
        }
        var follows =
                role.leaderId() != Assignment.NO_LEADER
                        && committed.replica(context.nodeId()).isPresent();
        return follows ? new FollowerSide(context) : new NoSide(context, false);
    }

    private NotLeader hint() {
        return new NotLeader(role.leaderId(), role.leaderEpoch());
    }

    // ---- the other replicas

    private void onReplication(ReplicaEvent.OfReplication event) {
        checkNothingUnderWay("a message");
        if (event instanceof ReplicaEvent.Received(int fromNode, ReplicaMessage message)
                && message instanceof ReplicaMessage.OpenSession open
                && open.leaderEpoch() > role.leaderEpoch()) {
            // Its image came before ours. It is answered when ours has come.
            if (committed.replica(fromNode).isPresent()) {
                early.put(fromNode, open);
            }
            return;
        }
        side.onEvent(event);
    }

    private void answerEarly() {
        for (var fromNode : List.copyOf(early.keySet())) {
            var open = early.get(fromNode);
            if (open != null && open.leaderEpoch() <= role.leaderEpoch()) {
                early.remove(fromNode);
                side.onEvent(new ReplicaEvent.Received(fromNode, open));
            }
        }
    }

    private void onTruncated(long logEnd) {
        ends.truncated(logEnd);
        context.cut(logEnd);
        context.highWatermark().cutTo(logEnd);
        onCut();
    }

    private void onResetDone(long logStart) {
        ends.reset(logStart);
        context.cut(logStart);
        context.highWatermark().reset(logStart);
        onCut();
    }

    private void onCut() {
        // What had no room is gone, and the cut itself found some.
        spaceMissing = false;
        side.onCut();
        var image = deferred;
        deferred = null;
        if (image != null) {
            onImage(image);
        }
        if (!isOffline()) {
            context.requestFlush(draining);
        }
        side.onTick();
    }

    // ---- produce and commit

    private void onProduce(ReplicaEvent.Produce produce) {
        var refusal = refusalOf(produce);
        if (refusal == null) {
            produces.onProduce(produce);
        } else {
            produces.answer(produce.ticket(), refusal);
        }
    }

    private @Nullable ProduceOutcome refusalOf(ReplicaEvent.Produce produce) {
        if (role instanceof ReplicaRole.Offline offline) {
            return new ProduceOutcome.LogDirOffline(offline.reason(), false);
        }
        var named = produce.leaderEpoch();
        var isForOther = named.isPresent() && named.getAsInt() != role.leaderEpoch();
        if (role instanceof ReplicaRole.Follower || isForOther) {
            return new ProduceOutcome.Refused(hint(), false);
        }
        if (draining) {
            return new ProduceOutcome.Closed(false);
        }
        return spaceMissing ? new ProduceOutcome.LogDirFull() : null;
    }

    private void onAppended(long endOffset) {
        side.onAppended(endOffset);
        produces.onAppended();
        context.requestFlush(draining);
    }

    private void onAppendRefused() {
        ends.appendRefused();
        produces.onAppendRefused();
        side.onAppendRefused();
        // Whole batches of it may be in the file. Until the log's end is written down beside them,
        // a process that died would take them for what was answered.
        context.emit(new ReplicaEffect.RequestFlush());
    }

    private void onFlushDone(long durableEndOffset) {
        var moved = ends.flushed(durableEndOffset);
        spaceMissing = false;
        if (isOffline()) {
            return;
        }
        if (moved) {
            side.onFlushed();
        }
        context.requestFlush(draining);
    }

    /// @param highWatermark before this event
    private void answerReached(long highWatermark) {
        if (!(side instanceof LeaderSide leader)) {
            return;
        }
        var readable = context.highWatermark().offset();
        if (readable > highWatermark) {
            var verdict = new FetchVerdict.Read(readable);
            parked.takeBelow(readable).forEach(ticket -> wake(ticket, verdict));
        }
        produces.answerReached(leader::endsOf);
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

    private void onTick() {
        produces.onTick();
        if (isOffline()) {
            return;
        }
        if (context.nowMs() >= flushAtMs) {
            flushAtMs = context.nowMs() + FLUSH_MS;
            if (owesFlush()) {
                context.emit(new ReplicaEffect.RequestFlush());
            }
        }
        side.onTick();
    }

    /// @param unfinished effects of the event that broke an invariant: who was to be answered then
    ///   waits no more, and must still hear something
    private void onFailed(ReplicaEvent.Failed failed, List<ReplicaEffect> unfinished) {
        var outcome = new ProduceOutcome.LogDirOffline(failed.reason(), true);
        var verdict = new FetchVerdict.Offline(failed.reason());
        answerInstead(unfinished, outcome, verdict);
        if (role instanceof ReplicaRole.Offline offline
                && (failed.readable() || !offline.readable())) {
            return;
        }
        produces.forgetUnappended();
        ends.appendRefused();
        side.end();
        role =
                new ReplicaRole.Offline(
                        role.leaderId(),
                        role.leaderEpoch(),
                        failed.reason(),
                        failed.readable(),
                        !(role instanceof ReplicaRole.Follower) && view().latestIsKnown());
        side = newSide();
        answerAll(outcome, verdict);
    }

    private void onDrain() {
        checkNothingUnderWay("a drain");
        draining = true;
        if (!isOffline()) {
            context.requestFlush(true);
        }
    }

    private void onClose() {
        draining = true;
        closed = true;
        side.end();
        side = newSide();
        answerAll(new ProduceOutcome.Closed(true), new FetchVerdict.Closed());
    }

    private void answerAll(ProduceOutcome outcome, FetchVerdict verdict) {
        produces.answerAll(outcome);
        parked.takeAll().forEach(ticket -> wake(ticket, verdict));
    }

    /// An append's produce waits still; but for what has to be given back, nothing else is wanted
    /// any more.
    private void answerInstead(
            List<ReplicaEffect> unfinished, ProduceOutcome outcome, FetchVerdict verdict) {
        for (var effect : unfinished) {
            if (effect instanceof ReplicaEffect.AnswerProduce(ProduceTicket ticket, _)) {
                produces.answer(ticket, outcome);
            } else if (effect instanceof ReplicaEffect.WakeFetch(FetchTicket ticket, _)) {
                wake(ticket, verdict);
            } else if (effect instanceof ReplicaEffect.AppendReplicated(PushedBatches batches, _)) {
                context.emit(new ReplicaEffect.ReleasePushed(batches));
            } else if (effect instanceof ReplicaEffect.ReleasePushed) {
                context.emit(effect);
            }
        }
    }

    private void wake(FetchTicket ticket, FetchVerdict verdict) {
        context.emit(new ReplicaEffect.WakeFetch(ticket, verdict));
    }

    private void checkNothingUnderWay(String what) {
        LogEnds.check(!ends.isAppendUnderWay(), what + " between an append and its end", 0);
    }
}
