// SPDX-License-Identifier: Apache-2.0
/// Tells others about new images: subscribers in the process, and watchers far away.
///
/// Owns the published image; the apply thread alone moves it, and only forward. Sees images and
/// records; no controller, no log, no Ratis.
@NullMarked
package dev.weir.metadata.watch;

import org.jspecify.annotations.NullMarked;
