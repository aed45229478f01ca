// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// What a read found. All cases are expected.
public sealed interface ReadResult {

    /// Whole batches, or none where nothing lies between the offset and the limit.
    ///
    /// @param slice to be released by the receiver, exactly once
    record Batches(LogSlice slice) implements ReadResult {}

    /// The bytes are not known to be in memory: the caller must come again with `mayBlock`, on a
    /// thread that may wait for the disk.
    record Cold() implements ReadResult {}

    /// No record has or will have this offset here.
    ///
    /// @param logStartOffset first offset that can be read
    /// @param logEndOffset exclusive end
    record OutOfRange(long logStartOffset, long logEndOffset) implements ReadResult {}
}
