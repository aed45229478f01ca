// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A topic exists. Its partitions follow in the same batch, as [PartitionCreated] from 0 upwards.
///
/// @param topicId random, never used again
/// @param name the name it is found by until it is deleted
public record TopicCreated(UUID topicId, String name) implements MetadataRecord {

    /// Refuses names that break the rules of [TopicName].
    public TopicCreated {
        var problem = TopicName.problem(name);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
    }
}
