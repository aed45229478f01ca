// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.quorum.MetadataQuorum;
import dev.weir.metadata.quorum.QuorumStatus;
import dev.weir.metadata.watch.ImageListener;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.Subscription;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// The metadata of a node that votes in the quorum: its own.
///
/// @param quorum this node's part in the quorum
/// @param gateway the way to the active controller, here or elsewhere
/// @param readers reads the past, which takes up to some hundred milliseconds; bounded
public record QuorumMetadataSource(
        MetadataQuorum quorum, ControllerGateway gateway, Executor readers)
        implements MetadataSource {

    @Override
    public ClusterImage image() {
        return quorum.image();
    }

    @Override
    public CompletionStage<ClusterImage> imageAtLeast(long offset) {
        return quorum.imageAtLeast(offset);
    }

    @Override
    public Subscription subscribe(ImageListener listener) {
        return quorum.subscribe(listener);
    }

    @Override
    public MetadataWatch watch(OptionalLong fromOffset, Runnable signal) {
        return quorum.watch(fromOffset, signal);
    }

    @Override
    public CompletionStage<ImageAt> imageAt(long offset) {
        return CompletableFuture.supplyAsync(() -> quorum.history().imageAt(offset), readers);
    }

    @Override
    public QuorumStatus status() {
        return quorum.status();
    }
}
