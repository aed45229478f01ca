// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A partition exists: a topic's next one, so `partition` is the topic's partition count so far.
///
/// @param topicId the topic's id
/// @param partition index within the topic, from 0, without gaps
/// @param state its replicas and first leader
public record PartitionCreated(UUID topicId, int partition, PartitionState state)
        implements MetadataRecord {

    /// Refuses a negative index.
    public PartitionCreated {
        Checks.atLeast(0, partition, "partition");
    }
}
