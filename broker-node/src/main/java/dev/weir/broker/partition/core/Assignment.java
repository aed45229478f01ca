// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;
import java.util.Optional;

/// One partition as the metadata image states it.
///
/// @param leaderId node that leads, or [#NO_LEADER]
/// @param leaderEpoch rises with every change of leader, and with every restart of one
/// @param partitionEpoch rises with every change of this state
/// @param replicas all copies, the preferred leader first; never empty
/// @param isr nodes in sync, a subset of `replicas`
/// @param elr nodes that are not in sync and hold everything committed (KIP-966)
/// @param fsyncUnproven durability changed to `fsync`, and no leader has yet reported that every
///   member of ISR and ELR holds everything on stable storage
public record Assignment(
        int leaderId,
        int leaderEpoch,
        int partitionEpoch,
        List<AssignedReplica> replicas,
        List<Integer> isr,
        List<Integer> elr,
        boolean fsyncUnproven) {

    /// No node leads: the partition is offline.
    public static final int NO_LEADER = -1;

    public Assignment {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
        if (leaderId < NO_LEADER || leaderEpoch < 0 || partitionEpoch < 0) {
            throw new IllegalArgumentException(
                    "leader " + leaderId + ", epochs " + leaderEpoch + ", " + partitionEpoch);
        }
        var nodes = replicas.stream().map(AssignedReplica::nodeId).toList();
        if (nodes.isEmpty() || !nodes.containsAll(isr) || !nodes.containsAll(elr)) {
            throw new IllegalArgumentException(
                    "isr " + isr + " and elr " + elr + " of replicas " + nodes);
        }
        if (leaderId != NO_LEADER && !isr.contains(leaderId)) {
            throw new IllegalArgumentException("leader " + leaderId + " not in isr " + isr);
        }
    }

    /// Nodes of the replicas, the preferred leader first.
    public List<Integer> replicaIds() {
        return replicas.stream().map(AssignedReplica::nodeId).toList();
    }

    /// The replica on a node, if it has one.
    public Optional<AssignedReplica> replica(int nodeId) {
        return replicas.stream().filter(replica -> replica.nodeId() == nodeId).findFirst();
    }
}
