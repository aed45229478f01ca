// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.function.Consumer;

/// Lets only voters' calls through the quorum's port, and of those only what is meant for this one.
///
/// The library also serves its client and admin protocols there, without any authorisation: whoever
/// reached the port could write to the log or change the membership. This node calls both in
/// process only, so nobody needs them on the network.
///
/// The library does not look at whom a voter's call is addressed to either: a voter that is listed
/// under another's address would answer for both, and count twice.
final class RaftServices implements GrpcServices.Customizer, ServerInterceptor {

    private static final String VOTERS_SERVICE = "ratis.grpc.RaftServerProtocolService";

    private final String peerId;

    /// Nobody listens until the server runs.
    private volatile Consumer<RaftPeerId> linkBroken = _ -> {};

    /// @param peerId this voter's name
    RaftServices(String peerId) {
        this.peerId = peerId;
    }

    /// Tells of every broken connection on which another voter sent entries.
    ///
    /// @param listener called on the transport's threads; only enqueues
    void onLinkBroken(Consumer<RaftPeerId> listener) {
        linkBroken = listener;
    }

    @Override
    public NettyServerBuilder customize(
            NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.intercept(this);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (VOTERS_SERVICE.equals(call.getMethodDescriptor().getServiceName())) {
            return new Addressed<>(call, next.startCall(call, headers));
        }
        call.close(
                Status.PERMISSION_DENIED.withDescription("this port is for voters only"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /// Ends a call at its first message for another voter.
    private final class Addressed<Q, R> extends SimpleForwardingServerCallListener<Q> {

        private final ServerCall<Q, R> call;
        private boolean isEnded;
        private @Nullable RaftPeerId appender;

        private Addressed(ServerCall<Q, R> call, ServerCall.Listener<Q> next) {
            super(next);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (isEnded) {
                return;
            }
            var header = header(message);
            if (message instanceof AppendEntriesRequestProto && appender == null) {
                appender = header == null ? null : RaftPeerId.valueOf(header.getRequestorId());
            }
            if (header == null || header.getReplyId().toStringUtf8().equals(peerId)) {
                super.onMessage(message);
                return;
            }
            isEnded = true;
            call.close(
                    Status.FAILED_PRECONDITION.withDescription("this is voter " + peerId),
                    new Metadata());
            super.onCancel();
        }

        @Override
        public void onCancel() {
            super.onCancel();
            var from = appender;
            if (from != null) {
                linkBroken.accept(from);
            }
        }

        @Override
        public void onHalfClose() {
            if (!isEnded) {
                super.onHalfClose();
            }
        }
    }

    private static @Nullable RaftRpcRequestProto header(Object message) {
        return switch (message) {
            case AppendEntriesRequestProto append -> append.getServerRequest();
            case RequestVoteRequestProto vote -> vote.getServerRequest();
            case InstallSnapshotRequestProto install -> install.getServerRequest();
            case StartLeaderElectionRequestProto start -> start.getServerRequest();
            default -> null;
        };
    }
}
