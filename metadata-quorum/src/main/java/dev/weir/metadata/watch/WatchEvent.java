// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;

/// What a watcher is told, in this order: one [Snapshot], then [Delta]s with rising offsets (a
/// further [Snapshot], never an older one, where deltas are missing), at last perhaps [Dropped].
public sealed interface WatchEvent {

    /// A whole image to begin from.
    record Snapshot(ClusterImage image) implements WatchEvent {}

    /// The next change.
    ///
    /// @param image the image after it
    /// @param delta the change
    record Delta(ClusterImage image, ImageDelta delta) implements WatchEvent {}

    /// The watch is over; nothing follows.
    record Dropped(DropReason reason) implements WatchEvent {}

    /// Why a watch ended without the watcher's doing.
    enum DropReason {
        /// More changes waited than a watcher may leave unread: watch again, from the last offset
        /// seen.
        TOO_SLOW,
        /// The node stops.
        CLOSING
    }
}
