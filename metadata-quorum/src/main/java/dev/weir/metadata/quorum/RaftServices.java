// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;

import java.util.EnumSet;

/// Lets only voters' calls through the quorum's port.
///
/// The library also serves its client and admin protocols there, without any authorisation: whoever
/// reached the port could write to the log or change the membership. This node calls both in
/// process only, so nobody needs them on the network.
final class RaftServices implements GrpcServices.Customizer, ServerInterceptor {

    private static final String VOTERS_SERVICE = "ratis.grpc.RaftServerProtocolService";

    @Override
    public NettyServerBuilder customize(
            NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.intercept(this);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (VOTERS_SERVICE.equals(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.PERMISSION_DENIED.withDescription("this port is for voters only"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
