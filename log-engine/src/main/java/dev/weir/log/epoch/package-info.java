// SPDX-License-Identifier: Apache-2.0
/// Which leader epoch wrote which offsets of a partition.
///
/// Immutable values; no I/O, clock or thread. It must not know segments or disks: who stores a
/// history stores its encoded bytes.
@NullMarked
package dev.weir.log.epoch;

import org.jspecify.annotations.NullMarked;
