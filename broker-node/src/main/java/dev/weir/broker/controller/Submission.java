// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.ControllerServiceGrpc;
import dev.weir.api.internal.v1.SubmitResponse;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// One command's way to the controller: tried here or there until it is answered, or may have been
/// carried out, or its time is over.
///
/// What certainly changed nothing is repeated; what may have is not, except for questions that do
/// no harm when asked twice.
///
/// **Threading:** one attempt at a time; each step runs on the thread that ended the last one.
final class Submission {

    private static final int BACKOFF_MIN_MS = 20;
    private static final int BACKOFF_MAX_MS = 100;

    /// Hints followed in a row without a pause: two nodes may each believe in the other.
    private static final int HOPS_MAX = 3;

    /// How long a question that may be repeated waits for one node, which may stand still.
    private static final long ATTEMPT_MS = 1_000;

    private final ControllerAccess access;
    private final ScheduledExecutorService timer;
    private final ControllerCommand command;
    private final long deadlineNs;
    private final CompletableFuture<GatewayOutcome> answer = new CompletableFuture<>();
    private int hops;

    Submission(
            ControllerAccess access,
            ScheduledExecutorService timer,
            ControllerCommand command,
            Duration timeout) {
        this.access = access;
        this.timer = timer;
        this.command = command;
        this.deadlineNs = System.nanoTime() + timeout.toNanos();
    }

    CompletableFuture<GatewayOutcome> start() {
        attempt(access.leader().get());
        return answer;
    }

    private void attempt(OptionalInt target) {
        long leftMs = leftMs();
        if (leftMs <= 0) {
            answer.complete(new GatewayOutcome.NotController(target));
            return;
        }
        long waitMs = isRepeatable() ? Math.min(leftMs, ATTEMPT_MS) : leftMs;
        var local = access.local();
        if (target.isEmpty() || target.getAsInt() == access.nodeId()) {
            if (local == null) {
                ended(target, new GatewayOutcome.NotController(OptionalInt.empty()));
            } else {
                local.submit(command, Duration.ofMillis(waitMs))
                        .thenAccept(outcome -> ended(OptionalInt.of(access.nodeId()), outcome));
            }
            return;
        }
        var channel = access.channels().apply(target.getAsInt());
        if (channel == null) {
            ended(target, new GatewayOutcome.NotController(OptionalInt.empty()));
        } else {
            call(channel, target, waitMs);
        }
    }

    private void call(Channel channel, OptionalInt target, long waitMs) {
        var sent = new Sent();
        var options =
                CallOptions.DEFAULT
                        .withDeadlineAfter(waitMs, TimeUnit.MILLISECONDS)
                        .withStreamTracerFactory(sent);
        var request = CommandCodec.encode(command, Math.toIntExact(Math.min(waitMs, 60_000)));
        ClientCalls.asyncUnaryCall(
                channel.newCall(ControllerServiceGrpc.getSubmitMethod(), options),
                request,
                new StreamObserver<SubmitResponse>() {
                    private @Nullable SubmitResponse response;

                    @Override
                    public void onNext(SubmitResponse value) {
                        response = value;
                    }

                    @Override
                    public void onError(Throwable failure) {
                        ended(target, failed(sent, failure));
                    }

                    @Override
                    public void onCompleted() {
                        ended(target, understood(response));
                    }
                });
    }

    private static GatewayOutcome failed(Sent sent, Throwable failure) {
        return sent.isSent
                ? new GatewayOutcome.Unknown(
                        "the controller's answer was lost: " + Status.fromThrowable(failure))
                : new GatewayOutcome.NotController(OptionalInt.empty());
    }

    private static GatewayOutcome understood(@Nullable SubmitResponse response) {
        try {
            return response == null
                    ? new GatewayOutcome.Unknown("the controller gave no answer")
                    : OutcomeCodec.decode(response);
        } catch (IllegalArgumentException e) {
            return new GatewayOutcome.Unknown(
                    "the controller's answer is not understood: " + e.getMessage());
        }
    }

    private void ended(OptionalInt asked, GatewayOutcome outcome) {
        switch (outcome) {
            case GatewayOutcome.Committed committed -> committed(asked, committed);
            case GatewayOutcome.Refused refused -> answer.complete(refused);
            case GatewayOutcome.NotController(var hint) -> {
                var isNews = hint.isPresent() && !hint.equals(asked);
                if (isNews && ++hops <= HOPS_MAX) {
                    attempt(hint);
                } else {
                    repeat(outcome);
                }
            }
            case GatewayOutcome.Unknown _ -> {
                if (isRepeatable()) {
                    repeat(outcome);
                } else {
                    answer.complete(outcome);
                }
            }
        }
    }

    /// The answer promises that this node's image shows the effect. Where the image is late, the
    /// commit is true all the same, and is told when the caller's time is over.
    private void committed(OptionalInt asked, GatewayOutcome.Committed committed) {
        if (asked.isPresent() && asked.getAsInt() == access.nodeId()) {
            answer.complete(committed);
            return;
        }
        var _ =
                access.imageAtLeast()
                        .apply(committed.metadataOffset())
                        .thenApply(image -> image)
                        .toCompletableFuture()
                        .orTimeout(Math.max(1, leftMs()), TimeUnit.MILLISECONDS)
                        .whenComplete((_, _) -> answer.complete(committed));
    }

    private void repeat(GatewayOutcome last) {
        hops = 0;
        long pauseMs = ThreadLocalRandom.current().nextLong(BACKOFF_MIN_MS, BACKOFF_MAX_MS + 1);
        if (leftMs() <= pauseMs) {
            answer.complete(last);
            return;
        }
        try {
            var _ =
                    timer.schedule(
                            () -> attempt(access.leader().get()), pauseMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            answer.complete(last);
        }
    }

    /// Questions, and reports that say the same thing however often they are made.
    private boolean isRepeatable() {
        return switch (command) {
            case ControllerCommand.AskRegistration _,
                    ControllerCommand.StartShutdown _,
                    ControllerCommand.AllocateProducerIds _,
                    ControllerCommand.ReportLogEnds _,
                    ControllerCommand.ReportOfflineReplicas _,
                    ControllerCommand.ReportFailedDirectory _ ->
                    true;
            case ControllerCommand.CreateTopic c -> c.validateOnly();
            case ControllerCommand.AlterTopic c -> c.validateOnly();
            case ControllerCommand.AlterConfigs c -> c.validateOnly();
            case ControllerCommand.DeleteTopic _,
                    ControllerCommand.RegisterBroker _,
                    ControllerCommand.UnregisterBroker _,
                    ControllerCommand.AlterPartition _,
                    ControllerCommand.ConfirmFsync _,
                    ControllerCommand.ElectLeaders _,
                    ControllerCommand.VoterCommand _ ->
                    false;
        };
    }

    private long leftMs() {
        return TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    }

    /// Whether a call got as far as the wire: one that did not has certainly changed nothing.
    private static final class Sent extends ClientStreamTracer.Factory {

        private volatile boolean isSent;

        @Override
        public ClientStreamTracer newClientStreamTracer(
                ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    isSent = true;
                }
            };
        }
    }
}
