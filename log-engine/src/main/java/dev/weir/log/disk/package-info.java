// SPDX-License-Identifier: Apache-2.0
/// The port through which the log reaches storage, and its adapter for real file systems.
///
/// Owns open channels and mappings, nothing else. It must not know segments, batches or offsets:
/// the same contract test runs against the real disk and the simulated one, and the log cannot tell
/// them apart.
@NullMarked
package dev.weir.log.disk;

import org.jspecify.annotations.NullMarked;
