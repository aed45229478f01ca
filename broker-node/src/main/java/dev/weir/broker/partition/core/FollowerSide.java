// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// A follower's dealings with its leader, in one leader epoch.
///
/// ```
///   waiting ──▶ opening ──▶ accepted      (first push at this log's end)
///      ▲           │ diverged, reset
///      │           ▼
///   any failure  cutting ──▶ opening      (durable, and then at once)
/// ```
///
/// Owned by the replica; not thread-safe.
final class FollowerSide implements Side {

    /// How long the first answer to a session is waited for.
    static final long FIRST_ANSWER_MS = 500;

    /// Pause after the first failure; it doubles with each one that follows.
    static final long BACKOFF_MIN_MS = 50;

    /// Longest pause.
    static final long BACKOFF_MAX_MS = 1_000;

    private final ReplicaContext context;
    private final int leaderId;
    private final int leaderEpoch;

    /// The current session, or `null` while waiting or cutting.
    private @Nullable SessionId session;

    private Lane lane = Lane.CATCHING_UP;
    private boolean wasInIsr;

    /// The session's first push was accepted: nothing is acknowledged before.
    private boolean accepted;

    /// The log is being cut, or begun anew.
    private boolean cutting;

    /// The push that is being appended.
    private ReplicaMessage.@Nullable Push appending;

    /// An acknowledgement is due whatever has moved.
    private boolean ackDue;

    private long ackedEnd;
    private long leaderHighWatermark;
    private long actAtMs;
    private int failures;

    /// Begins to follow, and opens a session at once.
    FollowerSide(ReplicaContext context) {
        this.context = context;
        this.leaderId = context.committed().leaderId();
        this.leaderEpoch = context.committed().leaderEpoch();
        this.wasInIsr = isInIsr();
        open(laneByIsr());
    }

    private boolean isInIsr() {
        return context.committed().isr().contains(context.nodeId());
    }

    private Lane laneByIsr() {
        return isInIsr() ? Lane.IN_SYNC : Lane.CATCHING_UP;
    }

    // ---- sessions

    private void open(Lane newLane) {
        var opened = context.nextSession();
        session = opened;
        lane = newLane;
        accepted = false;
        ackDue = false;
        actAtMs = context.nowMs() + FIRST_ANSWER_MS;
        var end = context.ends().appended();
        var isEmpty = end == context.log().logStartOffset();
        context.emit(
                new ReplicaEffect.Send(
                        leaderId,
                        newLane,
                        new ReplicaMessage.OpenSession(
                                opened,
                                leaderEpoch,
                                context.identity().directoryId(),
                                newLane,
                                end,
                                isEmpty ? -1 : context.log().latestEpoch())));
    }

    /// The session is over; a new one is opened after a pause.
    private void fail() {
        session = null;
        accepted = false;
        var pauseMs = BACKOFF_MIN_MS << Math.min(failures, 10);
        actAtMs = context.nowMs() + Math.min(pauseMs, BACKOFF_MAX_MS);
        failures++;
    }

    @Override
    public void onImage(PartitionConfig before, boolean moved) {
        if (session != null && lane == Lane.CATCHING_UP && isInIsr()) {
            open(Lane.IN_SYNC);
        } else if (session != null && lane == Lane.IN_SYNC && wasInIsr && !isInIsr()) {
            open(Lane.CATCHING_UP);
        }
        wasInIsr = isInIsr();
        if (before.durability() != context.durability()) {
            ackDue = true;
            acknowledge();
        }
    }

    @Override
    public void onEvent(ReplicaEvent.OfReplication event) {
        switch (event) {
            case ReplicaEvent.Received(int fromNode, ReplicaMessage message) ->
                    onMessage(fromNode, message);
            case ReplicaEvent.LinkBroken(int node, Lane broken) -> {
                if (node == leaderId && broken == lane && session != null) {
                    fail();
                }
            }
            case ReplicaEvent.FeedBroken _, ReplicaEvent.IsrAnswered _ -> {
                // Of an earlier leadership.
            }
        }
    }

    private void onMessage(int fromNode, ReplicaMessage message) {
        if (message instanceof ReplicaMessage.ToLeader) {
            Refusals.refuse(fromNode, message, context);
            return;
        }
        if (fromNode != leaderId || !message.session().equals(session)) {
            Refusals.drop(message, context);
            return;
        }
        switch ((ReplicaMessage.ToFollower) message) {
            case ReplicaMessage.Refused _ -> fail();
            case ReplicaMessage.Diverged diverged -> onDiverged(diverged);
            case ReplicaMessage.Reset reset -> onReset(reset);
            case ReplicaMessage.Push push -> onPush(push);
        }
    }

    // ---- the first answer

    private void onDiverged(ReplicaMessage.Diverged diverged) {
        if (accepted) {
            return;
        }
        var end = context.ends().appended();
        var logStart = context.log().logStartOffset();
        var cut = Math.max(logStart, Math.min(diverged.endOffset(), endOf(diverged.epoch())));
        if (cut >= end) {
            fail();
            return;
        }
        session = null;
        cutting = true;
        context.emit(new ReplicaEffect.TruncateTo(cut));
    }

    /// Where an epoch ends in this log.
    private long endOf(int epoch) {
        var end = context.ends().appended();
        return epoch < 0
                ? context.log().logStartOffset()
                : context.log()
                        .epochs()
                        .endOffsetFor(epoch, end)
                        .map(found -> found.endOffset())
                        .orElse(end);
    }

    private void onReset(ReplicaMessage.Reset reset) {
        if (accepted) {
            return;
        }
        session = null;
        cutting = true;
        context.emit(new ReplicaEffect.ResetTo(reset));
    }

    @Override
    public boolean isCutting() {
        return cutting;
    }

    @Override
    public void onCut() {
        cutting = false;
        failures = 0;
        actAtMs = context.nowMs();
    }

    // ---- pushes

    private void onPush(ReplicaMessage.Push push) {
        if (push.baseOffset() != context.ends().appended()) {
            Refusals.drop(push, context);
            fail();
            return;
        }
        ackDue |= !accepted || push.batches().sizeBytes() == 0;
        if (push.batches().sizeBytes() > 0) {
            appending = push;
            context.emit(new ReplicaEffect.AppendReplicated(push.batches(), push.baseOffset()));
        } else {
            Refusals.drop(push, context);
            accept(push);
        }
    }

    @Override
    public void onAppended(long endOffset) {
        var push = Objects.requireNonNull(appending, "nothing was to be appended");
        appending = null;
        context.ends().appendedReplicated(endOffset);
        accept(push);
    }

    @Override
    public void onAppendRefused() {
        appending = null;
        fail();
    }

    /// A push is in the log.
    private void accept(ReplicaMessage.Push push) {
        accepted = true;
        failures = 0;
        var end = context.ends().appended();
        leaderHighWatermark = Math.max(leaderHighWatermark, push.highWatermark());
        context.highWatermark().raiseTo(Math.min(push.highWatermark(), end));
        if (push.logStart() > context.log().logStartOffset() && push.logStart() <= end) {
            context.emit(new ReplicaEffect.RaiseLogStart(push.logStart()));
        }
        onEndMoved();
    }

    @Override
    public void onFlushed() {
        onEndMoved();
    }

    private void onEndMoved() {
        acknowledge();
        var caughtUp = accepted && context.countedEnd() >= leaderHighWatermark;
        if (caughtUp && lane == Lane.CATCHING_UP) {
            open(Lane.IN_SYNC);
        }
    }

    /// Tells the leader how far this log reaches, if that has moved.
    private void acknowledge() {
        var current = session;
        if (current == null || !accepted) {
            return;
        }
        var counted = context.countedEnd();
        if (!ackDue && counted <= ackedEnd) {
            return;
        }
        ackDue = false;
        ackedEnd = counted;
        context.emit(
                new ReplicaEffect.Send(
                        leaderId,
                        lane,
                        new ReplicaMessage.Ack(
                                current,
                                leaderEpoch,
                                context.ends().appended(),
                                context.ends().durable(),
                                context.highWatermark().offset())));
    }

    // ---- time and end

    @Override
    public void onTick() {
        if (cutting || accepted || context.nowMs() < actAtMs) {
            return;
        }
        if (session == null) {
            open(laneByIsr());
        } else {
            fail();
        }
    }

    @Override
    public boolean wantsTicks() {
        return !cutting && !accepted;
    }

    @Override
    public void end() {
        session = null;
        accepted = false;
    }
}
