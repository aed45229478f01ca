// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// What a reader is told before anything is read.
public sealed interface FetchVerdict {

    /// There is something to read.
    ///
    /// @param endOffset exclusive end of what may be shown: the high watermark
    record Read(long endOffset) implements FetchVerdict {}

    /// Nothing at or above the offset is committed yet.
    record Wait() implements FetchVerdict {}

    /// Below the log start or beyond the log end.
    record OutOfRange() implements FetchVerdict {}

    /// This replica does not lead, or the reader knows a newer epoch.
    record Refused(NotLeader hint) implements FetchVerdict {}

    /// Too many readers wait already.
    record Overloaded() implements FetchVerdict {}

    /// The replica is offline, and not even readable.
    record Offline(String reason) implements FetchVerdict {}

    /// The partition is being closed.
    record Closed() implements FetchVerdict {}
}
