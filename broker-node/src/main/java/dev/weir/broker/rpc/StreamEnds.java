// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// The errors that end a whole stream.
final class StreamEnds {

    private StreamEnds() {}

    static ApiError idle(long idleMs) {
        return ApiError.of(
                        ErrorReason.IDLE_STREAM,
                        "nothing was said on this stream for "
                                + idleMs
                                + " ms; open it again when needed")
                .with("stream_idle_ms", idleMs);
    }

    static ApiError stopping() {
        return ApiError.of(
                ErrorReason.NODE_STOPPING, "the node is shutting down; ask another node");
    }
}
