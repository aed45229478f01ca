// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;

import dev.weir.api.internal.v1.ReplicationServiceGrpc;

import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// The streams that other nodes opened to this one, to follow what it leads: at most one for each
/// node and lane. A new one takes the place of the one before: its process is newer, or has given
/// that one up.
///
/// **Threading:** any thread.
final class IncomingLinks {

    private static final Logger LOG = LoggerFactory.getLogger(IncomingLinks.class);

    private final LinkContext context;
    private final Map<LinkStream.Peer, LinkStream> streams = new ConcurrentHashMap<>();

    /// Calls that have not said who they are, too.
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    IncomingLinks(LinkContext context) {
        this.context = context;
    }

    /// To be added to the internal listener.
    ServerServiceDefinition service() {
        var descriptor =
                ServiceDescriptor.newBuilder(ReplicationServiceGrpc.SERVICE_NAME)
                        .setSchemaDescriptor(
                                ReplicationServiceGrpc.getServiceDescriptor().getSchemaDescriptor())
                        .addMethod(Replication.METHOD)
                        .build();
        return ServerServiceDefinition.builder(descriptor)
                .addMethod(Replication.METHOD, ServerCalls.asyncBidiStreamingCall(this::open))
                .build();
    }

    /// The stream of that node and lane; null if there is none now.
    @Nullable LinkStream find(LinkStream.Peer peer) {
        return streams.get(peer);
    }

    void tick() {
        calls.forEach(Call::tick);
    }

    /// Ends the streams of which that is true.
    void endIf(Predicate<LinkStream> condition, String reason) {
        for (var stream : all()) {
            if (condition.test(stream)) {
                stream.end(reason, null);
            }
        }
    }

    void close() {
        calls.forEach(Call::refuseAtStop);
        endIf(_ -> true, "this node stops");
    }

    private Collection<LinkStream> all() {
        return new ArrayList<>(streams.values());
    }

    private StreamObserver<Frame> open(StreamObserver<Frame> response) {
        var call = new Call((ServerCallStreamObserver<Frame>) response);
        call.start();
        return call;
    }

    /// One call, before and after it has said who it is.
    private final class Call implements StreamObserver<Frame>, LinkStream.Side {

        private final ServerCallStreamObserver<Frame> out;
        private volatile @Nullable LinkStream stream;
        private int silentTicks;

        Call(ServerCallStreamObserver<Frame> out) {
            this.out = out;
        }

        void start() {
            out.disableAutoRequest();
            out.setOnReadyThreshold(Replication.READY_BYTES);
            out.setOnReadyHandler(this::onReady);
            out.setOnCancelHandler(() -> gone("the peer is gone", null));
            calls.add(this);
            out.request(1);
        }

        @Override
        public void onNext(Frame frame) {
            var agreed = stream;
            if (agreed != null) {
                agreed.received(frame);
            } else {
                greet(frame);
            }
        }

        @Override
        public void onError(Throwable failure) {
            gone("the peer is gone", failure);
        }

        @Override
        public void onCompleted() {
            gone("the peer ended it", null);
        }

        @Override
        public String role() {
            return "leading";
        }

        @Override
        public void onEnd(LinkStream ended) {
            streams.remove(ended.peer(), ended);
            calls.remove(this);
        }

        @Override
        public void close() {
            fail(Status.UNAVAILABLE.withDescription("the stream was given up").asException());
        }

        void tick() {
            var agreed = stream;
            if (agreed != null) {
                agreed.tick();
            } else if (++silentTicks > 2 * LinkStream.SILENT_TICKS_MAX) {
                calls.remove(this);
                fail(Status.DEADLINE_EXCEEDED.withDescription("no hello").asException());
            }
        }

        void refuseAtStop() {
            if (stream == null) {
                calls.remove(this);
                fail(Status.UNAVAILABLE.withDescription("the node stops").asException());
            }
        }

        private void onReady() {
            var agreed = stream;
            if (agreed != null) {
                agreed.onReady();
            }
        }

        private void gone(String reason, @Nullable Throwable cause) {
            calls.remove(this);
            var agreed = stream;
            if (agreed != null) {
                agreed.end(reason, cause);
            } else {
                close();
            }
        }

        private void greet(Frame frame) {
            if (!(frame.hello() instanceof Hello.OfFollower hello) || context.isClosed()) {
                frame.release();
                refuse("NO_HELLO", "the first message of a stream says who sends it");
                return;
            }
            if (hello.protocolVersion() != Hello.PROTOCOL_VERSION) {
                refuse(
                        "UNKNOWN_PROTOCOL_VERSION",
                        "this node speaks version " + Hello.PROTOCOL_VERSION);
            } else if (!hello.clusterId().equals(context.clusterId())) {
                refuse("FOREIGN_CLUSTER", "this node is of cluster " + context.clusterId());
            } else if (hello.toNodeId() != context.nodeId() || hello.nodeId() == hello.toNodeId()) {
                refuse("WRONG_NODE", "this is node " + context.nodeId());
            } else {
                agree(hello);
            }
        }

        private void agree(Hello.OfFollower hello) {
            var peer = new LinkStream.Peer(hello.nodeId(), hello.lane());
            var agreed = new LinkStream(peer, context, out, this);
            out.onNext(Frame.of(new Hello.OfLeader(context.nodeId(), context.incarnation())));
            stream = agreed;
            var before = streams.put(peer, agreed);
            if (before != null) {
                before.end("its node opened another one", null);
            }
            agreed.agreed(hello.incarnation());
            if (out.isCancelled() || context.isClosed()) {
                agreed.end("the peer is gone", null);
            } else {
                out.request(1);
            }
        }

        private void refuse(String reason, String text) {
            LOG.warn("a replication stream was refused: {}: {}", reason, text);
            calls.remove(this);
            fail(
                    StatusProto.toStatusException(
                            com.google.rpc.Status.newBuilder()
                                    .setCode(Code.FAILED_PRECONDITION_VALUE)
                                    .setMessage(text)
                                    .addDetails(
                                            Any.pack(
                                                    ErrorInfo.newBuilder()
                                                            .setDomain("weir")
                                                            .setReason(reason)
                                                            .build()))
                                    .build()));
        }

        private void fail(Exception status) {
            try {
                out.onError(status);
            } catch (IllegalStateException over) {
                LOG.debug("the call was over already", over);
            }
        }
    }
}
