// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import java.util.concurrent.Executor;

/// Who runs what a partition cannot do where it was called. None of them is ever interrupted while
/// it may touch a file.
///
/// @param workers takes the turns that no event loop takes
/// @param readers runs reads that may wait for the disk, for consumers and for followers; bounded,
///   refuses with `RejectedExecutionException`
/// @param syncs runs truncations and resets, which wait until they are durable; at most one of a
///   partition at a time, never refuses
public record PartitionThreads(Executor workers, Executor readers, Executor syncs) {}
