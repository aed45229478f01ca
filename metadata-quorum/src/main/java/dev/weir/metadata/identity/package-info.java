// SPDX-License-Identifier: Apache-2.0
/// Whose directory this is: `meta.properties`, the lock, and the refusals.
///
/// A voter that lost its disk has forgotten its vote. What is checked here is what keeps such a
/// voter from coming back under its old id. Owns the files `meta.properties` and `.lock` of a
/// quorum directory. Must not see records, images or Ratis.
@NullMarked
package dev.weir.metadata.identity;

import org.jspecify.annotations.NullMarked;
