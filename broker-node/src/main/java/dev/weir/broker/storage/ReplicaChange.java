// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.log.LogConfig;
import dev.weir.log.PartitionId;

/// One difference between two metadata images, for a partition that this node has a copy of.
public sealed interface ReplicaChange {

    /// Which partition changed.
    PartitionId id();

    /// The partition is this node's, new or changed in any way. Applying the same one twice changes
    /// nothing.
    record Assigned(
            PartitionId id, Assignment assignment, PartitionConfig config, LogConfig logConfig)
            implements ReplicaChange {}

    /// The partition is no longer this node's: its topic was deleted or it moved away. Its files
    /// are renamed at once and deleted in the background.
    record Removed(PartitionId id) implements ReplicaChange {}
}
