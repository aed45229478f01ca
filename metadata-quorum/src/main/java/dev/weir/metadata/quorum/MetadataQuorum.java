// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.core.ConfigRules;
import dev.weir.metadata.history.MetadataHistory;
import dev.weir.metadata.identity.DirectoryIdentity;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.watch.ImageListener;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.Subscription;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// One node's part in the metadata quorum: the log, the image, the controller, the history.
///
/// **Threading:** any thread.
public final class MetadataQuorum implements AutoCloseable {

    private MetadataQuorum() {}

    /// Makes an empty directory a voter's. Durable on return.
    ///
    /// @param directory empty or missing
    /// @param clusterId the same on every node of the cluster
    /// @return the identity, with a fresh directory id
    /// @throws dev.weir.metadata.QuorumException the directory holds something, or the disk refused
    public static DirectoryIdentity format(Path directory, UUID clusterId, int nodeId) {
        throw new UnsupportedOperationException();
    }

    /// Starts the node's part. On return [#image] is the one of the last snapshot; newer entries
    /// follow once a leader is known, which [#imageAtLeast] and the gateway's answers show.
    ///
    /// @param config what to start; the directory must be formatted
    /// @param configRules the configuration keys that exist
    /// @param halt called when this node must not go on
    /// @throws dev.weir.metadata.QuorumException one line for an operator: not formatted, wiped,
    ///   foreign, locked, port taken, damaged. The process should end
    public static MetadataQuorum start(
            QuorumConfig config, ConfigRules configRules, HaltCallback halt) {
        throw new UnsupportedOperationException();
    }

    /// Whose directory this is.
    public DirectoryIdentity identity() {
        throw new UnsupportedOperationException();
    }

    /// The port that other voters connect to; useful when the configuration said 0.
    public int port() {
        throw new UnsupportedOperationException();
    }

    /// The newest image of this node. Never goes back.
    public ClusterImage image() {
        throw new UnsupportedOperationException();
    }

    /// Completes with an image whose offset is at least `offset` (`min_metadata_offset`), at once
    /// if this node has one. Completes on the apply thread otherwise; exceptionally, with a
    /// `CancellationException`, when the node closes. Bound the wait with `orTimeout`.
    public CompletionStage<ClusterImage> imageAtLeast(long offset) {
        throw new UnsupportedOperationException();
    }

    /// Tells `listener` the newest image, before this returns or just after, and then every change.
    public Subscription subscribe(ImageListener listener) {
        throw new UnsupportedOperationException();
    }

    /// Opens a watch for a far-away reader.
    ///
    /// @param fromOffset the last offset that the reader has seen: the first event comes when this
    ///   node's image is at least that new, so that a resumed watch never goes back
    /// @param signal called when [MetadataWatch#poll] may have something after it had nothing; on
    ///   the apply thread, so it only enqueues
    public MetadataWatch watch(OptionalLong fromOffset, Runnable signal) {
        throw new UnsupportedOperationException();
    }

    /// The way to the controller.
    public ControllerGateway gateway() {
        throw new UnsupportedOperationException();
    }

    /// What this node knows about the quorum right now.
    public QuorumStatus status() {
        throw new UnsupportedOperationException();
    }

    /// The past.
    public MetadataHistory history() {
        throw new UnsupportedOperationException();
    }

    /// Hands leadership over, snapshots, stops. Idempotent; blocks until everything is down.
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
