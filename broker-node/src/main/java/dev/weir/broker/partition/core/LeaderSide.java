// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A leader's dealings with its followers and with the controller, in one leader epoch.
///
/// Owned by the replica; not thread-safe.
final class LeaderSide implements Side {

    private final ReplicaContext context;
    private final int leaderEpoch;

    /// Log end at the election.
    private final long epochStart;

    private final LeaderSessions sessions;
    private final IsrProposals proposals;
    private final RefusedFollowers refused;
    private final FsyncProof proof;

    /// Begins to lead, in the epoch of the committed state.
    LeaderSide(ReplicaContext context) {
        this.context = context;
        this.leaderEpoch = context.committed().leaderEpoch();
        this.epochStart = context.ends().appended();
        this.sessions = new LeaderSessions(context);
        this.proposals = new IsrProposals(context);
        this.refused = new RefusedFollowers(context);
        this.proof = new FsyncProof(context);
        sessions.onImage();
    }

    // ---- events

    @Override
    public void onImage(PartitionConfig before, boolean moved) {
        sessions.onImage();
        if (before.durability() != context.durability()) {
            sessions.onDurabilityChanged();
        }
        if (moved) {
            proof.onImage();
        }
        onMembers();
    }

    @Override
    public void onEvent(ReplicaEvent.OfReplication event) {
        switch (event) {
            case ReplicaEvent.Received(int fromNode, ReplicaMessage message) ->
                    onMessage(fromNode, message);
            case ReplicaEvent.LinkBroken(int node, Lane lane) -> sessions.onLinkBroken(node, lane);
            case ReplicaEvent.FeedBroken(int follower, SessionId session) ->
                    sessions.onFeedBroken(follower, session);
            case ReplicaEvent.IsrAnswered(long proposalNumber, IsrOutcome outcome) ->
                    onAnswer(proposalNumber, outcome);
        }
    }

    private void onMessage(int fromNode, ReplicaMessage message) {
        switch (message) {
            case ReplicaMessage.OpenSession open -> sessions.onOpen(fromNode, open);
            case ReplicaMessage.Ack ack -> {
                if (ack.leaderEpoch() == leaderEpoch && sessions.onAck(fromNode, ack)) {
                    advance();
                    considerIsr();
                }
            }
            case ReplicaMessage.ToFollower _ -> Refusals.drop(message, context);
        }
    }

    private void onAnswer(long proposalNumber, IsrOutcome outcome) {
        switch (outcome) {
            case IsrOutcome.Accepted accepted -> {
                if (accepted.leaderEpoch() == leaderEpoch && isNews(accepted)) {
                    context.committed().take(accepted);
                    onMembers();
                }
            }
            case IsrOutcome.Refused answer -> {
                var committedIsr = members(context.committed().isr());
                if (proposals.onRefused(proposalNumber, answer, committedIsr)) {
                    refused.onRefused();
                }
            }
            case IsrOutcome.Unknown _ -> proposals.onUnknown(proposalNumber);
        }
    }

    private boolean isNews(IsrOutcome.Accepted accepted) {
        return accepted.partitionEpoch() > context.committed().partitionEpoch();
    }

    @Override
    public void onAppended(long endOffset) {
        sessions.noteLags();
        context.ends().appendedAssigned(endOffset);
        advance();
    }

    @Override
    public void onAppendRefused() {
        context.ends().appendRefused();
    }

    @Override
    public void onFlushed() {
        advance();
    }

    @Override
    public void onCut() {
        throw new IllegalStateException("a leader's log was cut");
    }

    @Override
    public void onTick() {
        sessions.onTick();
        considerIsr();
        proposals.onTick();
        proof.onTick(proposals.maximalIsr(), sessions);
    }

    @Override
    public boolean wantsTicks() {
        return proposals.isPending()
                || proof.isWanted()
                || sessions.wantsTicks()
                || refused.wantsTicks();
    }

    @Override
    public boolean isCutting() {
        return false;
    }

    @Override
    public void end() {
        sessions.end();
    }

    // ---- the in-sync set and the high watermark

    private void onMembers() {
        proposals.onPartitionEpoch();
        advance();
        considerIsr();
    }

    /// Moves the high watermark over what every member that may be in sync holds.
    ///
    /// An ELR that is not empty says that the controller finds the ISR too small, by a
    /// `min.insync.replicas` that may be newer than the one here: its members must keep on holding
    /// everything committed.
    private void advance() {
        var committed = context.committed();
        var isTooSmall = committed.isr().size() < committed.isrMin(context.config());
        if (isTooSmall || !committed.elr().isEmpty()) {
            return;
        }
        context.highWatermark().advance(endsOf(proposals.maximalIsr()), context.durability());
    }

    /// What replicas are known to hold, in the order asked for.
    List<ReplicaEnd> endsOf(Collection<Integer> members) {
        var ends = new ArrayList<ReplicaEnd>(members.size());
        for (var member : members) {
            ends.add(sessions.endsOf(member));
        }
        return ends;
    }

    /// Proposes another ISR if a member lags or a follower may join.
    private void considerIsr() {
        if (proposals.isPending()) {
            return;
        }
        var isr = context.committed().isr();
        var joining = refused.without(joinable());
        var wanted = new ArrayList<Integer>();
        for (var node : context.committed().replicaIds()) {
            if (isr.contains(node) ? !sessions.isLagging(node) : joining.containsKey(node)) {
                wanted.add(node);
            }
        }
        if (wanted.size() != isr.size() || !wanted.containsAll(isr)) {
            refused.onProposed(joining);
            proposals.propose(members(wanted));
        }
    }

    /// The sessions of those outside of the ISR that may join it, by node.
    private SortedMap<Integer, SessionId> joinable() {
        var isFull = context.committed().isr().size() == context.committed().replicaIds().size();
        if (isFull) {
            // With every acknowledgement, nearly always.
            return Collections.emptySortedMap();
        }
        var joinable = new TreeMap<Integer, SessionId>();
        for (var node : context.committed().replicaIds()) {
            var follower = sessions.follower(node).filter(this::mayJoin).orElse(null);
            var session = follower == null ? null : follower.id();
            if (session != null && !context.committed().isr().contains(node)) {
                joinable.put(node, session);
            }
        }
        return joinable;
    }

    private boolean mayJoin(FollowerSession follower) {
        var end = follower.end(context.durability());
        var reachesHighWatermark = end >= context.highWatermark().offset();
        var reachesEpochStart = end >= epochStart;
        return follower.isFed()
                && follower.lane() == Lane.IN_SYNC
                && reachesHighWatermark
                && reachesEpochStart
                && !sessions.isLagging(follower.nodeId())
                && context.committed().isEligible(follower.nodeId());
    }

    private List<IsrMember> members(List<Integer> nodes) {
        return nodes.stream().map(sessions::member).toList();
    }
}
