// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;
import java.util.UUID;

/// What a request of a partition's leader rests on; the same checks for all of them.
///
/// @param partition which one
/// @param leaderId the asking leader
/// @param leaderIncarnation the asking process
/// @param leaderEpoch the epoch it leads in
/// @param partitionEpoch the partition epoch it has seen
record LeaderRequest(
        TopicPartition partition,
        int leaderId,
        UUID leaderIncarnation,
        int leaderEpoch,
        int partitionEpoch) {

    /// @return a refusal if the request rests on something that is no longer so
    Optional<Decision> refusal(DecisionContext context) {
        var state = context.image().topics().partition(partition);
        if (state.isEmpty()) {
            return Optional.of(
                    context.image().topics().topic(partition.topicId()).isEmpty()
                            ? Decision.refuse(
                                    Code.UNKNOWN_TOPIC_ID,
                                    "there is no topic with id " + partition.topicId())
                            : Decision.refuse(
                                    Code.UNKNOWN_PARTITION,
                                    "there is no partition " + partition.partition()));
        }
        return Incarnations.refusal(leaderId, leaderIncarnation, context)
                .or(() -> epochRefusal(state.get()));
    }

    /// The partition's state; only after [#refusal] found nothing.
    PartitionState state(DecisionContext context) {
        return context.image().topics().partition(partition).orElseThrow();
    }

    private Optional<Decision> epochRefusal(PartitionState state) {
        if (!state.isLedBy(leaderId) || state.leaderEpoch() != leaderEpoch) {
            return Optional.of(
                    Decision.refuse(
                            Code.FENCED_LEADER_EPOCH,
                            "leader epoch " + state.leaderEpoch() + ", not " + leaderEpoch));
        }
        return state.partitionEpoch() == partitionEpoch
                ? Optional.empty()
                : Optional.of(
                        Decision.refuse(
                                Code.STALE_PARTITION_EPOCH,
                                "partition epoch "
                                        + state.partitionEpoch()
                                        + ", not "
                                        + partitionEpoch));
    }
}
