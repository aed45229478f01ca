// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// What a completed flush proves.
public sealed interface FlushResult {

    /// Everything below this offset is on stable storage.
    ///
    /// @param durableEndOffset exclusive; never falls but by truncation or reset
    record Durable(long durableEndOffset) implements FlushResult {}

    /// The log was truncated, reset or closed after the flush began: it proves nothing.
    record Superseded() implements FlushResult {}

    /// The small files beside the batches had no room, or could not be opened for want of file
    /// descriptors. Nothing was proved; a later flush tries all of it again.
    ///
    /// @param cause a [LogException.DiskFullException] or
    ///   [LogException.ResourcesExhaustedException]
    record Refused(LogException cause) implements FlushResult {}

    /// The log failed for good, and with it its directory.
    ///
    /// @param cause the first failure
    record Failed(LogException cause) implements FlushResult {}
}
