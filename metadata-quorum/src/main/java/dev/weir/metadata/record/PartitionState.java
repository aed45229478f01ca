// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/// One partition as the metadata knows it. Immutable; a change makes a new value.
///
/// **Invariant:** `isr`, `elr` and `recovering` are disjoint subsets of `replicas`, in the order of
/// `replicas`; a leader is in the ISR; `directories` has one entry per replica.
///
/// @param replicas node ids, the preferred leader first; never empty
/// @param directories the directory that holds each replica, same order (KIP-858)
/// @param isr in-sync replicas: a record is committed when all of them have it
/// @param elr eligible leader replicas: not in sync, but with everything committed (KIP-966)
/// @param recovering dropped from ISR or ELR after an unclean restart; see [PartitionChanged]
/// @param leader the node that leads; empty while nobody may
/// @param leaderEpoch rises with every change of leader
/// @param partitionEpoch rises by one with every change of this value
/// @param fsyncUnproven see [PartitionChanged]
public record PartitionState(
        List<Integer> replicas,
        List<UUID> directories,
        List<Integer> isr,
        List<Integer> elr,
        List<Integer> recovering,
        OptionalInt leader,
        int leaderEpoch,
        int partitionEpoch,
        boolean fsyncUnproven) {

    /// Copies the lists and refuses what breaks the invariant.
    public PartitionState {
        if (replicas.isEmpty()) {
            throw new IllegalArgumentException("a partition without replicas");
        }
        replicas = Checks.distinct(replicas, "replicas");
        directories = List.copyOf(directories);
        isr = Checks.distinct(isr, "isr");
        elr = Checks.distinct(elr, "elr");
        recovering = Checks.distinct(recovering, "recovering");
        Checks.atLeast(0, leaderEpoch, "leaderEpoch");
        Checks.atLeast(0, partitionEpoch, "partitionEpoch");
        if (directories.size() != replicas.size()) {
            throw new IllegalArgumentException(
                    directories.size() + " directories for " + replicas.size() + " replicas");
        }
        var members = new ArrayList<>(isr);
        members.addAll(elr);
        members.addAll(recovering);
        Checks.distinct(members, "isr, elr and recovering together");
        if (!replicas.containsAll(members)) {
            throw new IllegalArgumentException("members " + members + " of replicas " + replicas);
        }
        if (leader.isPresent() && !isr.contains(leader.getAsInt())) {
            throw new IllegalArgumentException("leader " + leader + " is not in the ISR " + isr);
        }
    }

    /// This partition after `change`.
    public PartitionState with(PartitionChanged change) {
        return new PartitionState(
                replicas,
                directories,
                change.isr(),
                change.elr(),
                change.recovering(),
                change.leader(),
                change.leaderEpoch(),
                change.partitionEpoch(),
                change.fsyncUnproven());
    }

    /// This partition with the replica on `nodeId` in another directory.
    public PartitionState withDirectory(int nodeId, UUID directoryId) {
        var changed = new ArrayList<>(directories);
        changed.set(slot(nodeId), directoryId);
        return new PartitionState(
                replicas,
                changed,
                isr,
                elr,
                recovering,
                leader,
                leaderEpoch,
                partitionEpoch,
                fsyncUnproven);
    }

    /// The directory of the replica on `nodeId`, which must have one.
    public UUID directoryOf(int nodeId) {
        return directories.get(slot(nodeId));
    }

    /// Whether `nodeId` leads in this state.
    public boolean isLedBy(int nodeId) {
        return leader.isPresent() && leader.getAsInt() == nodeId;
    }

    private int slot(int nodeId) {
        var slot = replicas.indexOf(nodeId);
        if (slot < 0) {
            throw new IllegalArgumentException("node " + nodeId + " has no replica: " + replicas);
        }
        return slot;
    }
}
