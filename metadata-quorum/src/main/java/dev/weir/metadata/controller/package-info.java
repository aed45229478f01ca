// SPDX-License-Identifier: Apache-2.0
/// The controller's thread: a loop around the pure [dev.weir.metadata.controller.core] that feeds
/// it events and carries out its effects.
///
/// Owns the `ActiveController` and who waits for which command. Decides nothing itself. Sees the
/// core, images and the [dev.weir.metadata.log.MetadataLog] port; no Ratis, no files.
@NullMarked
package dev.weir.metadata.controller;

import org.jspecify.annotations.NullMarked;
