// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import java.util.Optional;

/// Whether the node takes calls. Only moves forward.
///
/// **Threading:** any thread.
public final class NodeState {

    /// The stages of a node's life.
    public enum Stage {
        STARTING,
        READY,
        STOPPING
    }

    private volatile Stage stage = Stage.STARTING;

    /// Moves on; going back is refused.
    public synchronized void advance(Stage next) {
        if (next.compareTo(stage) < 0) {
            throw new IllegalStateException(stage + " -> " + next);
        }
        stage = next;
    }

    /// Where the node is.
    public Stage stage() {
        return stage;
    }

    /// Why a new call is refused now; empty when it is not.
    Optional<ApiError> refusal() {
        return switch (stage) {
            case STARTING ->
                    Optional.of(
                            ApiError.of(
                                    ErrorReason.NODE_NOT_READY,
                                    "the node is starting; repeat a little later"));
            case READY -> Optional.empty();
            case STOPPING ->
                    Optional.of(
                            ApiError.of(
                                    ErrorReason.NODE_STOPPING,
                                    "the node is shutting down; ask another node"));
        };
    }
}
