// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.List;

/// Writes receipts: what is known of a batch at the moment of the answer, never what was asked for.
final class Receipts {

    private Receipts() {}

    /// @param leaderEpoch of the leader that answers
    /// @param ends of all replicas, by ascending node id
    /// @param isr committed in-sync replicas
    static Receipt of(
            PendingProduces.Pending pending,
            int leaderEpoch,
            List<ReplicaEnd> ends,
            List<Integer> isr) {
        var holders = new ArrayList<Integer>(ends.size());
        var durableHolders = new ArrayList<Integer>(ends.size());
        for (var end : ends) {
            if (end.appendedOffset() >= pending.endOffset()) {
                holders.add(end.nodeId());
            }
            if (end.durableOffset() >= pending.endOffset()) {
                durableHolders.add(end.nodeId());
            }
        }
        return new Receipt(
                pending.baseOffset(),
                Math.toIntExact(pending.endOffset() - pending.baseOffset()),
                leaderEpoch,
                reached(pending.acks(), durableHolders, isr),
                holders,
                durableHolders,
                pending.duplicate());
    }

    /// Only acks=all waits for the high watermark; the others know of no replica but the leader.
    private static Durability reached(Acks acks, List<Integer> durableHolders, List<Integer> isr) {
        if (acks != Acks.ALL) {
            return Durability.LEADER;
        }
        return durableHolders.containsAll(isr) ? Durability.FSYNC : Durability.REPLICATED;
    }
}
