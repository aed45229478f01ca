// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.PartitionServices;
import dev.weir.broker.partition.core.ReplicaLimits;

import java.nio.file.Path;
import java.util.UUID;

/// What a data directory is opened with.
///
/// @param path the directory
/// @param clusterId the cluster it must belong to
/// @param nodeId the node it must belong to
/// @param workerThreads threads that drain partitions whose event loop had no time, and others'
///   events
/// @param readerThreads threads for reads that may wait for the disk
/// @param flushThreads flushes that run at the same time
/// @param recoveryThreads partitions opened at the same time
/// @param batchBytesMax largest batch taken from clients, in bytes
/// @param replicaLagTimeMaxMs how long a follower may be behind and stay in the ISR
public record DataDirectoryConfig(
        Path path,
        UUID clusterId,
        int nodeId,
        int workerThreads,
        int readerThreads,
        int flushThreads,
        int recoveryThreads,
        int batchBytesMax,
        long replicaLagTimeMaxMs) {

    public DataDirectoryConfig {
        if (workerThreads < 1 || readerThreads < 1 || flushThreads < 1 || recoveryThreads < 1) {
            throw new IllegalArgumentException("thread counts must be at least 1");
        }
        if (batchBytesMax < 1) {
            throw new IllegalArgumentException("batchBytesMax " + batchBytesMax + " < 1");
        }
    }

    /// The defaults for a machine with this many processors.
    public static DataDirectoryConfig of(Path path, UUID clusterId, int nodeId, int processors) {
        var workers = Math.max(2, processors);
        return new DataDirectoryConfig(
                path,
                clusterId,
                nodeId,
                workers,
                2,
                2,
                Math.max(2, processors),
                PartitionServices.BATCH_BYTES_MAX,
                ReplicaLimits.LAG_TIME_MAX_MS);
    }
}
