// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import java.util.function.LongSupplier;

/// The two clocks, injected.
///
/// @param monotonicNs for deadlines and pace, in nanoseconds; unaffected by anyone who sets the
///   time
/// @param wallMs for record timestamps and retention, milliseconds since the Unix epoch
public record Clocks(LongSupplier monotonicNs, LongSupplier wallMs) {

    /// The system's.
    public static final Clocks SYSTEM = new Clocks(System::nanoTime, System::currentTimeMillis);

    /// Monotonic time in milliseconds: what deadlines are given in.
    public long monotonicMs() {
        return Math.floorDiv(monotonicNs.getAsLong(), 1_000_000L);
    }
}
