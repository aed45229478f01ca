// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.VoterSet;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand.AddVoter;
import dev.weir.metadata.controller.core.ControllerCommand.RemoveVoter;
import dev.weir.metadata.controller.core.ControllerCommand.VoterCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.QuorumVoter;

import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Changes of the Raft configuration, one voter at a time, each a compare-and-set on the
/// configuration that it was judged on (ADR 0005).
///
/// **Threading:** a change runs on a thread of its own, because a handover of leadership blocks.
final class RatisVoterSet implements VoterSet {

    private static final Logger LOG = LoggerFactory.getLogger(RatisVoterSet.class);

    /// How long a change may take before its outcome counts as unknown.
    private static final long CHANGE_TIMEOUT_MS = 60_000;

    private static final long POLL_MS = 20;

    private final RatisMetadataLog log;
    private final long answerWithinMs;
    private final AtomicBoolean isChanging = new AtomicBoolean();

    /// @param answerWithinMs a live voter answers within this time; above the heartbeat interval
    RatisVoterSet(RatisMetadataLog log, long answerWithinMs) {
        this.log = log;
        this.answerWithinMs = answerWithinMs;
    }

    @Override
    public CompletionStage<GatewayOutcome> change(VoterCommand command) {
        if (!isChanging.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(
                    refused(
                            Refusal.Code.VOTER_CHANGE_IN_PROGRESS,
                            "another change of the voters is on its way"));
        }
        var answer = new CompletableFuture<GatewayOutcome>();
        var _ =
                Thread.ofVirtual()
                        .name("weir-voters")
                        .start(
                                () -> {
                                    var outcome = guarded(command);
                                    isChanging.set(false);
                                    LOG.info("{}: {}", command, outcome);
                                    answer.complete(outcome);
                                });
        return answer;
    }

    private GatewayOutcome guarded(VoterCommand command) {
        try {
            return carryOut(command);
        } catch (RuntimeException e) {
            LOG.warn("a change of the voters failed", e);
            return new GatewayOutcome.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private GatewayOutcome carryOut(VoterCommand command) {
        if (!log.isLeader()) {
            return notController();
        }
        return switch (command) {
            case AddVoter(var voter) -> add(voter);
            case RemoveVoter(var nodeId, var directoryId) ->
                    remove(RaftPeerId.valueOf(nodeId + "-" + directoryId));
        };
    }

    private GatewayOutcome add(QuorumVoter voter) {
        var current = log.voters();
        var endpoint = voter.endpoint();
        var added =
                PeerName.peer(
                        voter.nodeId() + "-" + voter.directoryId(),
                        endpoint.host(),
                        endpoint.port());
        var next = new ArrayList<RaftPeer>();
        for (var peer : current) {
            if (peer.getId().equals(added.getId())) {
                if (peer.getAddress().equals(added.getAddress())) {
                    return now();
                }
            } else if (PeerName.nodeId(peer.getId()) == voter.nodeId()) {
                return refused(
                        Refusal.Code.VOTER_EXISTS,
                        "node %d votes with directory %s already"
                                .formatted(voter.nodeId(), PeerName.directoryId(peer.getId())));
            } else {
                next.add(peer);
            }
        }
        next.add(added);
        // The new one counts as live: it has to catch up before it votes.
        return risk(next, added.getId()).orElseGet(() -> set(current, next));
    }

    private GatewayOutcome remove(RaftPeerId removed) {
        var current = log.voters();
        var next = current.stream().filter(peer -> !peer.getId().equals(removed)).toList();
        if (next.size() == current.size()) {
            return refused(
                    Refusal.Code.UNKNOWN_VOTER,
                    "node %d with directory %s is no voter"
                            .formatted(PeerName.nodeId(removed), PeerName.directoryId(removed)));
        }
        var risk = risk(next, removed);
        if (risk.isPresent()) {
            return risk.get();
        }
        if (removed.equals(log.peerId())) {
            return log.transferLeadership()
                    ? notController()
                    : refused(
                            Refusal.Code.QUORUM_AT_RISK,
                            "no other voter took leadership over from the one to remove");
        }
        return set(current, next);
    }

    /// Whether enough of the voters-to-be answer. Each has to be heard after the question came: one
    /// that died a moment ago may have been heard just before.
    ///
    /// @param changed not asked whether it is live
    private Optional<GatewayOutcome> risk(List<RaftPeer> next, RaftPeerId changed) {
        var startNs = System.nanoTime();
        while (true) {
            var elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
            var heard = log.liveVoters();
            var live =
                    next.stream()
                            .map(RaftPeer::getId)
                            .filter(
                                    id ->
                                            id.equals(changed)
                                                    || id.equals(log.peerId())
                                                    || heard.isLive(id, elapsedMs - 1))
                            .count();
            if (live >= next.size() / 2 + 1) {
                return Optional.empty();
            }
            if (elapsedMs > answerWithinMs) {
                return Optional.of(
                        refused(
                                Refusal.Code.QUORUM_AT_RISK,
                                "%d of %d voters would be live after the change"
                                        .formatted(live, next.size())));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MS));
        }
    }

    private GatewayOutcome set(Collection<RaftPeer> current, Collection<RaftPeer> next) {
        try {
            var reply = log.setVoters(current, next).get(CHANGE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return reply.isSuccess() ? now() : failed(reply.getException());
        } catch (ExecutionException e) {
            return failed(e.getCause());
        } catch (TimeoutException e) {
            return new GatewayOutcome.Unknown("the change of the voters takes too long");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GatewayOutcome.Unknown("interrupted");
        }
    }

    private GatewayOutcome failed(@Nullable Throwable failure) {
        return switch (failure) {
            case NotLeaderException _ -> notController();
            case ReconfigurationTimeoutException _ ->
                    refused(
                            Refusal.Code.VOTER_NOT_READY,
                            "the new voter does not answer, or does not catch up");
            case ReconfigurationInProgressException _ ->
                    refused(
                            Refusal.Code.VOTER_CHANGE_IN_PROGRESS,
                            "another change of the voters is on its way");
            case SetConfigurationException _ ->
                    refused(
                            Refusal.Code.VOTER_CHANGE_IN_PROGRESS,
                            "the voters changed in the meantime");
            case null, default -> new GatewayOutcome.Unknown(String.valueOf(failure));
        };
    }

    private GatewayOutcome now() {
        var voters =
                log.voters().stream()
                        .map(PeerName::voter)
                        .sorted(Comparator.comparingInt(QuorumVoter::nodeId))
                        .toList();
        return new GatewayOutcome.Committed(new CommandResult.VotersNow(voters), 0);
    }

    private GatewayOutcome notController() {
        OptionalInt hint = log.leaderHint();
        return new GatewayOutcome.NotController(hint);
    }

    private static GatewayOutcome refused(Refusal.Code code, String message) {
        return new GatewayOutcome.Refused(new Refusal(code, message), 0);
    }
}
