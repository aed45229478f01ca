// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.QuorumVoter;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.SortedSet;
import java.util.UUID;

/// What a command that was carried out answers.
public sealed interface CommandResult {

    /// Nothing more than that it is done.
    record Done() implements CommandResult {}

    /// A topic was created or altered.
    ///
    /// @param topicId the topic's id
    /// @param name the topic's name
    /// @param firstPartition the first of the new partitions
    /// @param partitions the new partitions' states, from `firstPartition` up
    record TopicMade(UUID topicId, String name, int firstPartition, List<PartitionState> partitions)
            implements CommandResult {}

    /// A topic was deleted.
    ///
    /// @param topicId the id it had
    /// @param name the name it had
    record TopicGone(UUID topicId, String name) implements CommandResult {}

    /// The current registration of a node.
    ///
    /// @param registrationNumber its number; 0 if the node has none
    record CurrentRegistration(long registrationNumber) implements CommandResult {}

    /// A broker is registered.
    ///
    /// @param registrationNumber its new number
    record Registered(long registrationNumber) implements CommandResult {}

    /// A broker may stop once nothing is left.
    ///
    /// @param leadershipsLeft partitions that it still leads because nobody else can
    record ShutdownProgress(int leadershipsLeft) implements CommandResult {}

    /// A block of producer ids that nobody else has.
    ///
    /// @param firstProducerId first id
    /// @param count ids in the block
    record ProducerIds(long firstProducerId, int count) implements CommandResult {}

    /// A partition after the accepted change.
    ///
    /// @param state its state
    record PartitionNow(PartitionState state) implements CommandResult {}

    /// The outcome of an ordered election.
    ///
    /// @param changed partitions that have another leader now; the others could not change
    record Elected(SortedSet<TopicPartition> changed) implements CommandResult {}

    /// Who votes in the quorum after the change.
    ///
    /// @param voters by node id
    record VotersNow(List<QuorumVoter> voters) implements CommandResult {

        /// Copies the list.
        public VotersNow {
            voters = List.copyOf(voters);
        }
    }
}
