// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.api.internal.v1.ReplicationServiceGrpc;
import dev.weir.broker.net.NodeChannels;

import io.grpc.MethodDescriptor;

/// The one method of the service, with frames in place of the generated messages.
final class Replication {

    /// Bytes that the transport takes before it says that it is busy: two frames.
    static final int READY_BYTES = 1 << 20;

    static final MethodDescriptor<Frame, Frame> METHOD =
            ReplicationServiceGrpc.getReplicateMethod().toBuilder(
                            new FrameMarshaller(
                                    FrameReader.From.FOLLOWER, NodeChannels.MESSAGE_BYTES_MAX),
                            new FrameMarshaller(
                                    FrameReader.From.LEADER, NodeChannels.MESSAGE_BYTES_MAX))
                    .build();

    private Replication() {}
}
