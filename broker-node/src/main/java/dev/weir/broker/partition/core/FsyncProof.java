// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.Collection;
import java.util.TreeSet;

/// After a change of durability to `fsync`: what has to be on stable storage before the members of
/// ISR and ELR may count as such, and the report of it.
///
/// Owned by the leader's side; not thread-safe.
final class FsyncProof {

    /// How often the report is repeated until an image shows it.
    static final long REPEAT_MS = 500;

    private final ReplicaContext context;

    /// Log end when the change was seen, or at the election if that was later.
    private long bound;

    private long reportAtMs;

    FsyncProof(ReplicaContext context) {
        this.context = context;
        this.bound = context.ends().appended();
        this.reportAtMs = context.nowMs();
    }

    /// An image raised the partition epoch. It may hold a newer change of durability: the report
    /// names a partition epoch, so it must speak of the log as it is from now on.
    void onImage() {
        bound = context.ends().appended();
        reportAtMs = context.nowMs();
    }

    boolean isWanted() {
        return context.committed().fsyncUnproven() && context.durability() == Durability.FSYNC;
    }

    /// Reports, if every member has flushed past the bound.
    ///
    /// @param maximalIsr committed and pending members
    void onTick(Collection<Integer> maximalIsr, LeaderSessions sessions) {
        if (!isWanted() || context.nowMs() < reportAtMs) {
            return;
        }
        var covered = new TreeSet<>(maximalIsr);
        covered.addAll(context.committed().elr());
        for (var member : covered) {
            if (sessions.durableEndOf(member) < bound) {
                return;
            }
        }
        reportAtMs = context.nowMs() + REPEAT_MS;
        context.emit(
                new ReplicaEffect.ConfirmFsync(
                        context.committed().leaderEpoch(),
                        context.committed().partitionEpoch(),
                        covered));
    }
}
