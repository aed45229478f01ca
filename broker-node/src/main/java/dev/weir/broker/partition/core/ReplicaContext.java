// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.List;

/// What the parts of one replica share: its log's ends, the high watermark, the committed state,
/// and the effects of the event in hand.
///
/// Owned by the replica; not thread-safe.
final class ReplicaContext {

    private final ReplicaIdentity identity;
    private final LogQuery log;
    private final ReplicaLimits limits;
    private final LogEnds ends;
    private final HighWatermark highWatermark;
    private final CommittedState committed = new CommittedState();

    private PartitionConfig config = PartitionConfig.DEFAULT;
    private long lastSessionNumber;
    private long lastProposalNumber;

    private List<ReplicaEffect> effects = new ArrayList<>();
    private long nowMs;

    ReplicaContext(ReplicaIdentity identity, LogState state, LogQuery log, ReplicaLimits limits) {
        this.identity = identity;
        this.log = log;
        this.limits = limits;
        this.ends = new LogEnds(state);
        this.highWatermark = new HighWatermark(state.startingHighWatermark());
    }

    /// Begins an event.
    ///
    /// @return the effects of the one before
    List<ReplicaEffect> begin(long eventMs) {
        var before = effects;
        effects = new ArrayList<>(4);
        nowMs = eventMs;
        return before;
    }

    List<ReplicaEffect> effects() {
        return effects;
    }

    void emit(ReplicaEffect effect) {
        effects.add(effect);
    }

    long nowMs() {
        return nowMs;
    }

    ReplicaIdentity identity() {
        return identity;
    }

    int nodeId() {
        return identity.nodeId();
    }

    LogQuery log() {
        return log;
    }

    ReplicaLimits limits() {
        return limits;
    }

    LogEnds ends() {
        return ends;
    }

    HighWatermark highWatermark() {
        return highWatermark;
    }

    /// The log ends here now, after a cut or a reset.
    void cut(long logEnd) {
        if (logEnd < highWatermark.offset()) {
            emit(new ReplicaEffect.CommittedCut(highWatermark.offset(), logEnd));
        }
    }

    CommittedState committed() {
        return committed;
    }

    PartitionConfig config() {
        return config;
    }

    Durability durability() {
        return config.durability();
    }

    void configure(PartitionConfig newConfig) {
        config = newConfig;
    }

    /// The end of this log that counts for the topic's durability.
    long countedEnd() {
        return ends.counted(config.durability());
    }

    /// Asks for a flush if the topic's durability wants one now.
    void requestFlush(boolean always) {
        var wanted = always || config.durability() == Durability.FSYNC;
        if (wanted && !ends.isFlushed()) {
            emit(new ReplicaEffect.RequestFlush());
        }
    }

    /// A session of this process that no leader has seen: time makes it higher than those of a
    /// replica of the same partition that this process had before.
    SessionId nextSession() {
        lastSessionNumber = Math.max(lastSessionNumber + 1, nowMs);
        return new SessionId(identity.incarnation(), lastSessionNumber);
    }

    long nextProposalNumber() {
        return ++lastProposalNumber;
    }
}
