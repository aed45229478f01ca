// SPDX-License-Identifier: Apache-2.0
/// What a partition remembers of its producers, so that a retry is recognised and a gap refused.
///
/// Owned by the partition's writer; no I/O, clock or thread: the time is an argument. It must not
/// know segments or disks.
@NullMarked
package dev.weir.log.producer;

import org.jspecify.annotations.NullMarked;
