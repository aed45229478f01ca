// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.image.ClusterImage;

/// The answer to "what was the image at offset N?".
public sealed interface ImageAt {

    /// The last image whose offset is at most N.
    record Found(ClusterImage image) implements ImageAt {}

    /// N lies outside what this node keeps. An N above `latest` is here too: the answer to it could
    /// still change; whoever wants to wait for it names a `min_metadata_offset`.
    ///
    /// @param earliest lowest offset that can be shown, inclusive
    /// @param latest highest offset that can be shown, inclusive
    record Unavailable(long earliest, long latest) implements ImageAt {}
}
