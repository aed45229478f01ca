// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;
import java.util.Optional;

/// The partition's committed state as this replica knows it: the newest of what images and, while
/// it leads, the controller's answers have told.
///
/// Owned by the replica; not thread-safe.
final class CommittedState {

    private int leaderId = Assignment.NO_LEADER;
    private int leaderEpoch = -1;
    private int partitionEpoch = -1;
    private List<AssignedReplica> replicas = List.of();
    private List<Integer> replicaIds = List.of();
    private List<Integer> replicaIdsAscending = List.of();
    private List<Integer> isr = List.of();
    private List<Integer> elr = List.of();
    private boolean fsyncUnproven;

    /// How often an image has said something else of the nodes that have a replica.
    private int replicaChanges;

    int leaderId() {
        return leaderId;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    int partitionEpoch() {
        return partitionEpoch;
    }

    /// Nodes of all replicas, the preferred leader first.
    List<Integer> replicaIds() {
        return replicaIds;
    }

    /// Nodes of all replicas, ascending.
    List<Integer> replicaIdsAscending() {
        return replicaIdsAscending;
    }

    List<Integer> isr() {
        return isr;
    }

    List<Integer> elr() {
        return elr;
    }

    boolean fsyncUnproven() {
        return fsyncUnproven;
    }

    int replicaChanges() {
        return replicaChanges;
    }

    Optional<AssignedReplica> replica(int nodeId) {
        return replicas.stream().filter(replica -> replica.nodeId() == nodeId).findFirst();
    }

    boolean isEligible(int nodeId) {
        return replica(nodeId).filter(AssignedReplica::eligible).isPresent();
    }

    /// Members that acks=all and the high watermark demand at least.
    int isrMin(PartitionConfig config) {
        return Math.min(config.minInsyncReplicas(), replicas.size());
    }

    /// Whether an image says nothing of the leadership that is not known to be over.
    boolean isPast(Assignment assignment) {
        return assignment.leaderEpoch() < leaderEpoch;
    }

    /// Takes what an image says that is not [past][#isPast]. Who is registered is always news; the
    /// members are not where an answer of the controller has come ahead of the image.
    ///
    /// @return `true` if the partition epoch rose
    boolean take(Assignment assignment) {
        LogEnds.check(
                assignment.leaderEpoch() > leaderEpoch || assignment.leaderId() == leaderId,
                "two leaders in one epoch",
                assignment.leaderEpoch());
        if (!replicas.equals(assignment.replicas())) {
            replicaChanges++;
        }
        replicas = assignment.replicas();
        replicaIds = assignment.replicaIds();
        replicaIdsAscending = replicaIds.stream().sorted().toList();
        leaderId = assignment.leaderId();
        leaderEpoch = assignment.leaderEpoch();
        if (assignment.partitionEpoch() < partitionEpoch) {
            return false;
        }
        var rose = assignment.partitionEpoch() > partitionEpoch;
        partitionEpoch = assignment.partitionEpoch();
        isr = assignment.isr();
        elr = assignment.elr();
        fsyncUnproven = assignment.fsyncUnproven();
        return rose;
    }

    /// Takes what the controller answered to this leader.
    void take(IsrOutcome.Accepted accepted) {
        partitionEpoch = accepted.partitionEpoch();
        isr = accepted.isr();
        elr = accepted.elr();
    }
}
