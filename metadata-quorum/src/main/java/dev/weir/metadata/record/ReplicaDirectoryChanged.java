// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A replica lives in another directory of its node. Leaves epochs alone: a replica that lost its
/// old directory leaves ISR and ELR by a [PartitionChanged] of the same batch.
///
/// @param topicId the topic's id
/// @param partition index within the topic
/// @param nodeId the node that holds the replica
/// @param directoryId the directory from now on
public record ReplicaDirectoryChanged(UUID topicId, int partition, int nodeId, UUID directoryId)
        implements MetadataRecord {

    /// Refuses negative numbers.
    public ReplicaDirectoryChanged {
        Checks.atLeast(0, partition, "partition");
        Checks.atLeast(1, nodeId, "nodeId");
    }
}
