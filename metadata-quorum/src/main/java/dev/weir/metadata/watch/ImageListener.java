// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;

/// Someone in this process who follows the metadata.
///
/// **Threading:** all calls come one at a time, in offset order, on the thread that applies
/// metadata: an implementation only enqueues. A throw halts the node.
public interface ImageListener {

    /// A whole image: the first call, and again when a leader's snapshot replaced the state. Its
    /// offset is at least that of the last one told.
    void onSnapshot(ClusterImage image);

    /// The next image.
    ///
    /// @param image the image after the change
    /// @param delta what the batch changed
    void onDelta(ClusterImage image, ImageDelta delta);
}
