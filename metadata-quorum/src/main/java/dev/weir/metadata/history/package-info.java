// SPDX-License-Identifier: Apache-2.0
/// Time travel: what the image was at an earlier metadata offset.
///
/// Applied batches with the wall time of their application, and images to start from, kept on disk
/// for a bounded time and size, across restarts and purges of the Raft log. Owns the `history`
/// directory of a quorum directory; written by the apply thread alone, read by any. Sees images and
/// records; no log, no Ratis.
@NullMarked
package dev.weir.metadata.history;

import org.jspecify.annotations.NullMarked;
