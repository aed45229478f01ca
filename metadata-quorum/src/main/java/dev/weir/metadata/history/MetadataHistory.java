// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

/// The past of the image.
///
/// **Threading:** any thread. [#imageAt] reads files and replays batches: milliseconds to a few
/// hundred of them, so not on a thread that must not block.
public interface MetadataHistory {

    /// The image as it was at `offset`.
    ///
    /// @param offset metadata offset, at least 0; between two batches it means the earlier one
    /// @throws dev.weir.metadata.MetadataException the files cannot be read
    ImageAt imageAt(long offset);

    /// Lowest offset that can be shown, inclusive.
    long earliestOffset();

    /// Highest offset that can be shown, inclusive: that of the newest image.
    long latestOffset();
}
