// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/// A partition's leadership and membership, whole, as they are from now on; replicas stay.
///
/// It states the result and not the difference, so that applying it needs no rule. It applies only
/// on the partition epoch before its own; anything else is a broken invariant.
///
/// @param topicId the topic's id
/// @param partition index within the topic
/// @param leader the node that leads; empty while nobody may
/// @param leaderEpoch epoch of that leadership (or of its absence); never falls
/// @param partitionEpoch the partition's epoch before this record + 1
/// @param isr in-sync replicas, in the order of the replicas
/// @param elr eligible leader replicas: hold everything committed, are not in the ISR (KIP-966)
/// @param recovering dropped from ISR or ELR after an unclean restart, still worth waiting for
/// @param fsyncUnproven `true` from a change to `durability=fsync` until a leader has reported that
///   all members are durable to its log end; until then members count as `replicated`
public record PartitionChanged(
        UUID topicId,
        int partition,
        OptionalInt leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> isr,
        List<Integer> elr,
        List<Integer> recovering,
        boolean fsyncUnproven)
        implements MetadataRecord {

    /// Copies the lists and refuses negative numbers and repeated members.
    public PartitionChanged {
        Checks.atLeast(0, partition, "partition");
        Checks.atLeast(0, leaderEpoch, "leaderEpoch");
        Checks.atLeast(0, partitionEpoch, "partitionEpoch");
        isr = Checks.distinct(isr, "isr");
        elr = Checks.distinct(elr, "elr");
        recovering = Checks.distinct(recovering, "recovering");
    }

    /// The change that leads to `state`.
    ///
    /// @param topicId the topic's id
    /// @param partition index within the topic
    /// @param state what the partition is from now on
    public static PartitionChanged to(UUID topicId, int partition, PartitionState state) {
        return new PartitionChanged(
                topicId,
                partition,
                state.leader(),
                state.leaderEpoch(),
                state.partitionEpoch(),
                state.isr(),
                state.elr(),
                state.recovering(),
                state.fsyncUnproven());
    }
}
