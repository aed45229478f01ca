// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// The ISR changes that a leader has proposed and that may be, or may yet become, committed.
///
/// A proposal stays pending until a partition epoch above the one that it named was seen, in an
/// image or in an answer: a refusal or a timeout proves nothing, because a copy of the request may
/// still be on its way (KIP-497, and the maximal ISR of Kafka's TLA+ specification).
///
/// Owned by the leader's side; not thread-safe.
final class IsrProposals {

    /// How long an answer is waited for before the same is proposed again.
    static final long RETRY_MS = 500;

    private final ReplicaContext context;

    /// What is repeated until the partition epoch rises.
    private ReplicaEffect.@Nullable ProposeIsr current;

    /// All members that were proposed since the partition epoch last rose.
    private final TreeSet<Integer> pendingMembers = new TreeSet<>();

    private long sendAtMs;

    IsrProposals(ReplicaContext context) {
        this.context = context;
    }

    boolean isPending() {
        return current != null;
    }

    /// The committed ISR and every pending one together: who may be in sync by now.
    Collection<Integer> maximalIsr() {
        if (pendingMembers.isEmpty()) {
            return context.committed().isr();
        }
        var members = new TreeSet<>(context.committed().isr());
        members.addAll(pendingMembers);
        return members;
    }

    /// Proposes an ISR and sends it.
    ///
    /// @param isr with the incarnations that justify it now; a retry repeats them
    void propose(List<IsrMember> isr) {
        replace(isr);
        send();
    }

    private void replace(List<IsrMember> isr) {
        isr.forEach(member -> pendingMembers.add(member.nodeId()));
        current =
                new ReplicaEffect.ProposeIsr(
                        context.nextProposalNumber(),
                        context.committed().leaderEpoch(),
                        context.committed().partitionEpoch(),
                        isr);
    }

    private void send() {
        if (current != null) {
            sendAtMs = context.nowMs() + RETRY_MS;
            context.emit(current);
        }
    }

    /// Nothing that was proposed on an older partition epoch can be committed any more.
    void onPartitionEpoch() {
        if (current != null && context.committed().partitionEpoch() > current.partitionEpoch()) {
            current = null;
            pendingMembers.clear();
        }
    }

    /// A proposal was refused. It stays pending. If that was for a member, no retry can succeed, so
    /// the committed ISR is proposed again, which raises the partition epoch and so ends all that
    /// is pending; with the next tick, so that a controller that keeps refusing is not pressed.
    ///
    /// @return `true` if that is so
    boolean onRefused(
            long proposalNumber, IsrOutcome.Refused refused, List<IsrMember> committedIsr) {
        if (current == null || current.proposalNumber() != proposalNumber) {
            return false;
        }
        if (refused.ineligible()) {
            replace(committedIsr);
        }
        return refused.ineligible();
    }

    /// Nobody knows what became of a proposal: it is sent again with the next tick.
    void onUnknown(long proposalNumber) {
        if (current != null && current.proposalNumber() == proposalNumber) {
            sendAtMs = context.nowMs();
        }
    }

    void onTick() {
        if (context.nowMs() >= sendAtMs) {
            send();
        }
    }
}
