// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// Where reading a partition begins.
public sealed interface StartPosition {

    StartPosition EARLIEST = new Earliest();
    StartPosition LATEST = new Latest();

    /// The log start offset.
    record Earliest() implements StartPosition {}

    /// The high watermark: only what is committed from now on.
    record Latest() implements StartPosition {}

    /// @param offset first offset wanted, inclusive
    record AtOffset(long offset) implements StartPosition {}

    /// The first record stamped at or after a time; the high watermark if there is none.
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    record AtTimestamp(long timestampMs) implements StartPosition {}

    /// A given offset.
    static StartPosition at(long offset) {
        return new AtOffset(offset);
    }

    /// A given time, in milliseconds since the Unix epoch.
    static StartPosition atTimestamp(long timestampMs) {
        return new AtTimestamp(timestampMs);
    }
}
