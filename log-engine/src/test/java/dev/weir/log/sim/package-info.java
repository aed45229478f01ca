// SPDX-License-Identifier: Apache-2.0
/// A disk in memory that forgets what was not synced, fails on order and counts what it does.
///
/// Deterministic: the same calls and seeds give the same disk. In the module's test jar, for every
/// simulation that stores a log.
@NullMarked
package dev.weir.log.sim;

import org.jspecify.annotations.NullMarked;
