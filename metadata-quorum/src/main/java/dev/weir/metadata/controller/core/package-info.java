// SPDX-License-Identifier: Apache-2.0
/// The active controller as a pure state machine: events and the time in, effects out.
///
/// Its state is owned by whoever calls it, one event at a time: the controller's thread, or the
/// simulator. Sees records and images; no I/O, clock, thread, lock, random or Ratis. Decisions are
/// one file each.
@NullMarked
package dev.weir.metadata.controller.core;

import org.jspecify.annotations.NullMarked;
