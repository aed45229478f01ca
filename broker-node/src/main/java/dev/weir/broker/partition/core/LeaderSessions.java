// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The sessions of a leader's followers, in one leader epoch.
///
/// Owned by the leader's side; not thread-safe. Bounded by the number of replicas.
final class LeaderSessions {

    /// Behind for longer than this without a word, in its log or in the high watermark, a follower
    /// is pushed something.
    static final long NUDGE_MS = 200;

    /// How often a follower is told that its session is over.
    static final long REFUSE_MS = 1_000;

    private final ReplicaContext context;
    private final int leaderEpoch;
    private final TreeMap<Integer, FollowerSession> followers = new TreeMap<>();

    LeaderSessions(ReplicaContext context) {
        this.context = context;
        this.leaderEpoch = context.committed().leaderEpoch();
    }

    Optional<FollowerSession> follower(int nodeId) {
        return Optional.ofNullable(followers.get(nodeId));
    }

    /// What a replica is known to hold, this one included.
    ReplicaEnd endsOf(int member) {
        if (member == context.nodeId()) {
            var ends = context.ends();
            return new ReplicaEnd(member, ends.appended(), ends.durable());
        }
        var follower = followers.get(member);
        return follower == null ? new ReplicaEnd(member, 0, 0) : follower.ends();
    }

    /// The durable end of a replica, this one included; [FollowerSession#UNKNOWN] is below any.
    long durableEndOf(int member) {
        if (member == context.nodeId()) {
            return context.ends().durable();
        }
        var follower = followers.get(member);
        return follower == null ? FollowerSession.UNKNOWN : follower.durableEnd();
    }

    /// The member as a proposal names it: by the process whose ends justify it.
    IsrMember member(int nodeId) {
        if (nodeId == context.nodeId()) {
            return new IsrMember(nodeId, context.identity().incarnation());
        }
        var follower = followers.get(nodeId);
        var session = follower == null ? null : follower.id();
        return new IsrMember(nodeId, session == null ? registered(nodeId) : session.incarnation());
    }

    private UUID registered(int nodeId) {
        return context.committed()
                .replica(nodeId)
                .map(AssignedReplica::incarnation)
                .orElse(AssignedReplica.UNREGISTERED);
    }

    // ---- what the image says

    /// Brings the followers in line with the image.
    void onImage() {
        var logEnd = context.ends().appended();
        for (var nodeId : context.committed().replicaIds()) {
            if (nodeId != context.nodeId()) {
                followers.computeIfAbsent(
                        nodeId, id -> new FollowerSession(id, logEnd, context.nowMs()));
            }
        }
        for (var follower : followers.values()) {
            var session = follower.id();
            var gone =
                    session != null && !session.incarnation().equals(registered(follower.nodeId()));
            if (gone) {
                noteLag(follower);
                stop(follower);
                follower.forget();
            }
        }
        followers.values().removeIf(f -> context.committed().replica(f.nodeId()).isEmpty());
    }

    /// The topic's durability changed, and with it the end that counts.
    void onDurabilityChanged() {
        followers.values().forEach(follower -> follower.restartLag(context.nowMs()));
    }

    private void stop(FollowerSession follower) {
        if (follower.isFed()) {
            context.emit(new ReplicaEffect.StopFeed(follower.nodeId()));
            follower.stopped();
        }
    }

    /// Stops all.
    void end() {
        followers.values().forEach(this::stop);
    }

    // ---- what followers say

    /// Begins a session, if it may be begun.
    void onOpen(int fromNode, ReplicaMessage.OpenSession open) {
        var follower = followers.get(fromNode);
        var replica = context.committed().replica(fromNode);
        if (follower == null || replica.isEmpty()) {
            return;
        }
        if (follower.isStale(open.session())) {
            return;
        }
        if (open.leaderEpoch() != leaderEpoch
                || !open.session().incarnation().equals(replica.get().incarnation())
                || !open.directoryId().equals(replica.get().directoryId())) {
            Refusals.refuse(fromNode, open, context);
            return;
        }
        noteLag(follower);
        stop(follower);
        follower.begin(open.session(), open.lane());
        answer(follower, open);
    }

    private void answer(FollowerSession follower, ReplicaMessage.OpenSession open) {
        var log = context.log();
        var session = open.session();
        var logEnd = context.ends().appended();
        switch (LogComparison.of(log, logEnd, open.fetchOffset(), open.lastEpoch())) {
            case LogComparison.Same _ -> {
                follower.accept(context.nowMs());
                context.emit(
                        new ReplicaEffect.Feed(
                                follower.nodeId(), session, open.lane(), open.fetchOffset()));
            }
            case LogComparison.Diverged(int epoch, long endOffset) ->
                    send(
                            follower,
                            new ReplicaMessage.Diverged(session, leaderEpoch, epoch, endOffset));
            case LogComparison.Apart _ -> {
                var point = log.resetPoint();
                send(
                        follower,
                        new ReplicaMessage.Reset(
                                session,
                                leaderEpoch,
                                point.logStart(),
                                point.epochHistory(),
                                point.producerStates()));
            }
        }
    }

    private void send(FollowerSession follower, ReplicaMessage message) {
        context.emit(new ReplicaEffect.Send(follower.nodeId(), follower.lane(), message));
    }

    /// Takes an acknowledgement, if it is of the current session.
    ///
    /// @return `true` if it counts
    boolean onAck(int fromNode, ReplicaMessage.Ack ack) {
        var follower = followers.get(fromNode);
        if (follower == null || !ack.session().equals(follower.id())) {
            return false;
        }
        if (!follower.isAccepted()) {
            return false;
        }
        if (ack.appendedEnd() > context.ends().appended() || ack.durableEnd() > ack.appendedEnd()) {
            // No follower can hold what its leader does not: this one is not to be believed.
            breakOff(follower);
            follower.forget();
            return false;
        }
        follower.acked(ack, context.nowMs());
        noteLag(follower);
        if (follower.isFed()) {
            context.emit(new ReplicaEffect.AdvanceFeed(fromNode, ack.appendedEnd()));
        }
        return true;
    }

    // ---- broken feeds

    /// What was on its way may be lost: the follower has to begin a session anew.
    void onLinkBroken(int node, Lane lane) {
        var follower = followers.get(node);
        if (follower != null && follower.lane() == lane) {
            stop(follower);
        }
    }

    void onFeedBroken(int node, SessionId session) {
        var follower = followers.get(node);
        if (follower != null && session.equals(follower.id())) {
            breakOff(follower);
        }
    }

    private void breakOff(FollowerSession follower) {
        stop(follower);
        var session = follower.id();
        if (session != null) {
            Refusals.refuse(follower.nodeId(), follower.lane(), session, context);
            follower.spokenTo(context.nowMs());
        }
    }

    // ---- time

    /// The log is about to grow, or a follower to be forgotten: who holds all of it is caught up.
    void noteLags() {
        followers.values().forEach(this::noteLag);
    }

    private void noteLag(FollowerSession follower) {
        follower.noteLag(
                follower.end(context.durability()), context.ends().appended(), context.nowMs());
    }

    /// Whether a follower has been behind for longer than it may.
    boolean isLagging(int nodeId) {
        var follower = followers.get(nodeId);
        return follower != null
                && isBehind(follower)
                && context.nowMs() - follower.caughtUpMs() > context.limits().lagTimeMaxMs();
    }

    private boolean isBehind(FollowerSession follower) {
        return follower.end(context.durability()) < context.ends().appended();
    }

    void onTick() {
        for (var follower : followers.values()) {
            var quietMs = context.nowMs() - follower.spokenToMs();
            if (follower.isFed()) {
                if (isToBeNudged(follower) && quietMs >= NUDGE_MS) {
                    follower.spokenTo(context.nowMs());
                    context.emit(new ReplicaEffect.NudgeFeed(follower.nodeId()));
                }
            } else if (isToBeRefused(follower) && quietMs >= REFUSE_MS) {
                breakOff(follower);
            }
        }
    }

    private boolean isToBeRefused(FollowerSession follower) {
        return follower.isBroken() && context.committed().isEligible(follower.nodeId());
    }

    boolean wantsTicks() {
        for (var follower : followers.values()) {
            if (follower.isFed() ? isToBeNudged(follower) : isMissed(follower)) {
                return true;
            }
        }
        return false;
    }

    private boolean isToBeNudged(FollowerSession follower) {
        return isBehind(follower)
                || follower.toldHighWatermark() < context.highWatermark().offset();
    }

    private boolean isMissed(FollowerSession follower) {
        return isToBeRefused(follower) || isInSyncAndBehind(follower);
    }

    private boolean isInSyncAndBehind(FollowerSession follower) {
        return context.committed().isr().contains(follower.nodeId()) && isBehind(follower);
    }
}
