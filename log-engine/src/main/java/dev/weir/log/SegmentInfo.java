// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import java.nio.file.Path;

/// One segment of a log, for listings.
///
/// @param file its batches
/// @param baseOffset first offset it may hold
/// @param endOffset exclusive
/// @param sizeBytes bytes of batches, prepared space not counted
/// @param maxTimestampMs largest timestamp in it; -1 if it has none
/// @param sealed whether it takes no more appends
public record SegmentInfo(
        Path file,
        long baseOffset,
        long endOffset,
        long sizeBytes,
        long maxTimestampMs,
        boolean sealed) {}
