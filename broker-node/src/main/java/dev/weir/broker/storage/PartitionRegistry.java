// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Partition;
import dev.weir.log.PartitionId;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The partitions that this node has a copy of.
///
/// **Threading:** lookups by any thread, without locks. [#apply] by one thread at a time, the one
/// that follows the metadata.
public interface PartitionRegistry {

    /// The open partition of this id; empty if this node has none.
    Optional<Partition> find(PartitionId id);

    /// All open partitions, in no order.
    Collection<Partition> all();

    /// Makes the directory what the metadata says: opens (in parallel), changes and removes
    /// partitions. Blocks until the new ones are open. A partition that cannot be opened is there,
    /// offline.
    ///
    /// @param metadataOffset of the image that the changes lead to
    /// @param changes in any order, at most one for each partition
    void apply(long metadataOffset, List<ReplicaChange> changes);
}
