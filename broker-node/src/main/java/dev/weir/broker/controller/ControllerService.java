// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.BrokerSessionOpened;
import dev.weir.api.internal.v1.ControllerServiceGrpc;
import dev.weir.api.internal.v1.SessionRequest;
import dev.weir.api.internal.v1.SessionResponse;
import dev.weir.api.internal.v1.SubmitRequest;
import dev.weir.api.internal.v1.SubmitResponse;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Supplier;

/// `weir.internal.v1.ControllerService`: this node's controller for the other nodes. It answers for
/// itself only, and never asks on.
///
/// **Threading:** event loops; nothing blocks.
public final class ControllerService extends ControllerServiceGrpc.ControllerServiceImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerService.class);
    private static final int TIMEOUT_MAX_MS = 60_000;

    private final int nodeId;
    private final ControllerGateway controller;
    private final Supplier<OptionalInt> leader;

    /// @param nodeId this node
    /// @param controller this node's own controller
    /// @param leader the quorum's leader as this node believes
    public ControllerService(
            int nodeId, ControllerGateway controller, Supplier<OptionalInt> leader) {
        this.nodeId = nodeId;
        this.controller = controller;
        this.leader = leader;
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> answer) {
        ControllerCommand command;
        try {
            command = CommandCodec.decode(request);
            requireTimeout(request);
        } catch (IllegalArgumentException e) {
            answer.onError(refusal(e).asRuntimeException());
            return;
        }
        ((ServerCallStreamObserver<SubmitResponse>) answer).setOnCancelHandler(() -> {});
        if (!leads()) {
            reply(answer, new GatewayOutcome.NotController(leader.get()));
            return;
        }
        controller
                .submit(command, Duration.ofMillis(request.getTimeoutMs()))
                .thenAccept(outcome -> reply(answer, outcome));
    }

    private static void requireTimeout(SubmitRequest request) {
        if (request.getTimeoutMs() < 1 || request.getTimeoutMs() > TIMEOUT_MAX_MS) {
            throw new IllegalArgumentException("timeout_ms " + request.getTimeoutMs());
        }
    }

    private static void reply(StreamObserver<SubmitResponse> answer, GatewayOutcome outcome) {
        answer.onNext(OutcomeCodec.encode(outcome));
        answer.onCompleted();
    }

    private static Status refusal(IllegalArgumentException e) {
        return Status.INVALID_ARGUMENT.withDescription(String.valueOf(e.getMessage()));
    }

    private boolean leads() {
        var believed = leader.get();
        return believed.isPresent() && believed.getAsInt() == nodeId;
    }

    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answer) {
        return new Session((ServerCallStreamObserver<SessionResponse>) answer);
    }

    /// One broker's stream. gRPC calls it one message at a time.
    private final class Session implements StreamObserver<SessionRequest> {

        private final ServerCallStreamObserver<SessionResponse> answer;
        private @Nullable BrokerSession session;
        private boolean isOver;

        private Session(ServerCallStreamObserver<SessionResponse> answer) {
            this.answer = answer;
            answer.setOnCancelHandler(this::end);
        }

        @Override
        public void onNext(SessionRequest request) {
            if (isOver) {
                return;
            }
            try {
                switch (request.getMessageCase()) {
                    case OPEN ->
                            open(
                                    WireValues.node(request.getOpen().getNodeId()),
                                    WireValues.id(request.getOpen().getIncarnation()));
                    case BEAT ->
                            beat(
                                    request.getBeat().getMetadataOffset(),
                                    request.getBeat().getOldestWorkMs());
                    case MESSAGE_NOT_SET ->
                            throw new IllegalArgumentException("an empty session message");
                }
            } catch (IllegalArgumentException e) {
                end();
                answer.onError(refusal(e).asRuntimeException());
            }
        }

        private void open(int broker, UUID incarnation) {
            if (session != null) {
                throw new IllegalArgumentException("a session opened twice");
            }
            if (goesElsewhere()) {
                return;
            }
            session = controller.openSession(broker, incarnation);
            answer.onNext(
                    SessionResponse.newBuilder()
                            .setOpened(BrokerSessionOpened.getDefaultInstance())
                            .build());
        }

        private void beat(long metadataOffset, long oldestWorkMs) {
            if (session == null) {
                throw new IllegalArgumentException("a heartbeat before its session");
            }
            if (!goesElsewhere()) {
                session.heartbeat(
                        WireValues.natural(metadataOffset, "metadata offset"),
                        WireValues.natural(oldestWorkMs, "work age"));
            }
        }

        private boolean goesElsewhere() {
            if (leads()) {
                return false;
            }
            end();
            answer.onNext(
                    SessionResponse.newBuilder()
                            .setNotController(OutcomeCodec.notController(leader.get()))
                            .build());
            answer.onCompleted();
            return true;
        }

        @Override
        public void onError(Throwable failure) {
            LOG.debug("a broker's stream broke", failure);
            end();
        }

        @Override
        public void onCompleted() {
            var wasOpen = !isOver;
            end();
            if (wasOpen) {
                answer.onCompleted();
            }
        }

        private void end() {
            isOver = true;
            if (session != null) {
                session.close();
                session = null;
            }
        }
    }
}
