// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.Receipt;
import dev.weir.record.RecordBatch;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A node that takes forwarded produce streams and does with each request what the test says.
final class FakeLeader extends ProduceServiceGrpc.ProduceServiceImplBase implements AutoCloseable {

    private static final long PATIENCE_S = 20;

    private final String name = "leader-" + UUID.randomUUID();
    private final LinkedBlockingQueue<Came> came = new LinkedBlockingQueue<>();
    private final List<String> stored = new ArrayList<>();
    private final Server server;
    private final ManagedChannel channel;
    volatile Metadata headers;
    volatile boolean hasDeadline;

    /// A request, and the way to answer it.
    record Came(FakeLeader leader, ProduceRequest request, StreamObserver<ProduceResponse> out) {

        String value() {
            return ForwardedProduceTest.value(batch());
        }

        RecordBatch batch() {
            return RecordBatch.at(request.getRecordBatch().asReadOnlyByteBuffer(), 0);
        }

        void store() {
            leader.stored.add(value());
            answer(
                    ProduceResponse.newBuilder()
                            .addReceipts(
                                    Receipt.newBuilder()
                                            .setBaseOffset(leader.stored.size() - 1)
                                            .setRecordCount(1)));
        }

        void refuse(ApiError error) {
            answer(ProduceResponse.newBuilder().setError(ErrorMapping.toStatus(error)));
        }

        void cut() {
            out.onError(Status.UNAVAILABLE.asRuntimeException());
        }

        private void answer(ProduceResponse.Builder response) {
            out.onNext(
                    response.setRequestId(request.getRequestId())
                            .setCreditBytes(request.getSerializedSize())
                            .build());
        }
    }

    FakeLeader() {
        try {
            server =
                    InProcessServerBuilder.forName(name)
                            .directExecutor()
                            .addService(this)
                            .intercept(new Listening())
                            .build()
                            .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    }

    /// The connection to it.
    Channel channel() {
        return channel;
    }

    /// The next request.
    Came next() {
        try {
            var next = came.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no request came");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Requests that came and were not looked at.
    int waiting() {
        return came.size();
    }

    List<String> stored() {
        return stored;
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> answers) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ProduceRequest request) {
                came.add(new Came(FakeLeader.this, request, answers));
            }

            @Override
            public void onError(Throwable t) {}

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private final class Listening implements ServerInterceptor {

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
            headers = metadata;
            hasDeadline = Context.current().getDeadline() != null;
            return Contexts.interceptCall(Context.current(), call, metadata, next);
        }
    }
}
