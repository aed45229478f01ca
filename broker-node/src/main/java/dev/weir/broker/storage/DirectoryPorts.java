// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.PartitionPorts;

import java.util.UUID;
import java.util.function.Consumer;

/// Where a data directory reaches beyond itself.
///
/// @param partitions of each of its partitions
/// @param onFailed told, once and on any thread, the id of the directory when it failed: for the
///   metadata, which records it. Must not block
public record DirectoryPorts(PartitionPorts partitions, Consumer<UUID> onFailed) {

    /// Leads nowhere: enough for partitions with one replica.
    public static final DirectoryPorts NONE = new DirectoryPorts(PartitionPorts.NONE, _ -> {});
}
