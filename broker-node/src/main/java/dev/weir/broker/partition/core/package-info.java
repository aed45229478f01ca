// SPDX-License-Identifier: Apache-2.0
/// One partition's decisions, pure: `(state, event, now) -> effects`.
///
/// [dev.weir.broker.partition.core.PartitionReplica] owns the state; its shell
/// ([dev.weir.broker.partition.Partition], or a simulator) feeds it one event at a time and carries
/// out what it answers. Must not see I/O, clocks, threads, locks, random numbers, buffers or the
/// wire.
@NullMarked
package dev.weir.broker.partition.core;

import org.jspecify.annotations.NullMarked;
