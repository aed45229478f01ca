// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.ImageListener;

/// Sees in the images that another controller took over, which is the earliest sign of it on a node
/// that has no part in the election.
///
/// **Threading:** the apply thread.
public final class ActivationWatch implements ImageListener {

    private final Runnable onChange;
    private long activationId = -1;

    /// @param onChange only enqueues
    public ActivationWatch(Runnable onChange) {
        this.onChange = onChange;
    }

    @Override
    public void onSnapshot(ClusterImage image) {
        look(image);
    }

    @Override
    public void onDelta(ClusterImage image, ImageDelta delta) {
        look(image);
    }

    private void look(ClusterImage image) {
        long newest = image.activation().activationId();
        if (newest != activationId) {
            activationId = newest;
            onChange.run();
        }
    }
}
