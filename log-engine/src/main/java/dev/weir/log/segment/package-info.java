// SPDX-License-Identifier: Apache-2.0
/// One segment of a log: its file, its sidecar, its index, its mapping, the space ahead of its
/// head.
///
/// Segments are owned by their log's writer; readers see published bounds and hold references. The
/// package must not know partitions' logs as a whole: no offsets across segments, no truncation, no
/// recovery decisions.
@NullMarked
package dev.weir.log.segment;

import org.jspecify.annotations.NullMarked;
