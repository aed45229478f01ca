// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.quorum.QuorumStatus;
import dev.weir.metadata.watch.ImageListener;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.Subscription;

import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/// What a node's services need of the metadata, whether the node votes in the quorum or is fed by
/// it.
///
/// **Threading:** any thread; nothing here blocks.
///
/// **Invariant:** the image never goes back, for any reader.
public interface MetadataSource {

    /// The newest image of this node.
    ClusterImage image();

    /// Completes with an image whose offset is at least `offset`; at once if there is one. Later it
    /// completes on the thread that applies metadata: what hangs on it only enqueues.
    /// Exceptionally, with a `CancellationException`, when the node closes. Bound the wait.
    CompletionStage<ClusterImage> imageAtLeast(long offset);

    /// Tells `listener` the newest image, before this returns or just after, and then every change.
    Subscription subscribe(ImageListener listener);

    /// Opens a watch for a far-away reader.
    ///
    /// @param fromOffset the last offset that the reader has seen; empty if none
    /// @param signal called when there is something to poll again; only enqueues
    MetadataWatch watch(OptionalLong fromOffset, Runnable signal);

    /// The image as it was. Where this node does not keep it, a voter is asked.
    ///
    /// @param offset metadata offset, at least 0; between two batches it means the earlier one
    /// @return exceptionally when the past cannot be read, or nobody who keeps it answers
    CompletionStage<ImageAt> imageAt(long offset);

    /// What this node knows about the quorum right now; for people, nothing is decided on it.
    QuorumStatus status();

    /// The way to the active controller, wherever it is.
    ControllerGateway gateway();
}
