// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Which offset is asked for.
public sealed interface OffsetQuestion {

    /// The log start offset.
    record Earliest() implements OffsetQuestion {}

    /// The high watermark.
    record Latest() implements OffsetQuestion {}

    /// The first record at or after a time; the high watermark when there is none below it.
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    record AtTimestamp(long timestampMs) implements OffsetQuestion {}
}
