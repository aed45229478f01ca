// SPDX-License-Identifier: Apache-2.0

/// What producers and readers decide: batching, the order of retries, sequences, windows, credit,
/// backoff.
///
/// Pure: `(state, event, now)` to effects. No I/O, clock, thread, lock or randomness of its own;
/// every object belongs to whoever calls it, one caller at a time. The shell is [dev.weir.client];
/// the simulator is another.
@NullMarked
package dev.weir.client.core;

import org.jspecify.annotations.NullMarked;
