// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Partition;
import dev.weir.log.PartitionId;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A node without replicas.
public record NoPartitions() implements PartitionRegistry {

    @Override
    public Optional<Partition> find(PartitionId id) {
        return Optional.empty();
    }

    @Override
    public Collection<Partition> all() {
        return List.of();
    }

    @Override
    public void apply(long metadataOffset, List<ReplicaChange> changes) {
        throw new UnsupportedOperationException();
    }
}
