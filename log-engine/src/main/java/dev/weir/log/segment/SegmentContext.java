// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.disk.Disk;

import java.util.concurrent.Executor;

/// What all segments of one data directory share.
///
/// @param disk where they are
/// @param maps mappings
/// @param space prepared space
/// @param background runs what nobody waits for
/// @param buffers for reads through channels
public record SegmentContext(
        Disk disk, MapBudget maps, SpaceBudget space, Executor background, ReadBuffers buffers) {}
