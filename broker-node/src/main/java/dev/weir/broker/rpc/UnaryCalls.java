// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.RequestMeters;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Answers calls that are one question and one answer, on a small pool.
///
/// @param api name of the service, for the counters
record UnaryCalls(String api, Executor pool, RequestMeters meters) {

    private static final Logger LOG = LoggerFactory.getLogger(UnaryCalls.class);

    /// How long a call may take whose caller set no earlier deadline.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Runs the question on the pool, in the call's context, and answers with what its stage gives.
    <T> void answer(StreamObserver<T> answer, Supplier<CompletionStage<T>> question) {
        ((ServerCallStreamObserver<T>) answer).setOnCancelHandler(() -> {});
        try {
            pool.execute(Context.current().wrap(() -> ask(answer, question)));
        } catch (RejectedExecutionException full) {
            refuse(answer, tooMany());
        }
    }

    private static ApiError tooMany() {
        return ApiError.of(ErrorReason.NODE_OVERLOADED, "too many calls at once; repeat");
    }

    /// What is left of the current call's deadline, at most [#PATIENCE].
    static Duration timeLeft() {
        var deadline = Context.current().getDeadline();
        if (deadline == null) {
            return PATIENCE;
        }
        var left = Duration.ofMillis(Math.max(1, deadline.timeRemaining(TimeUnit.MILLISECONDS)));
        return left.compareTo(PATIENCE) < 0 ? left : PATIENCE;
    }

    void refuse(StreamObserver<?> answer, ApiError error) {
        meters.refused(api, error.reason().name());
        answer.onError(ErrorMapping.toException(error));
    }

    private <T> void ask(StreamObserver<T> answer, Supplier<CompletionStage<T>> question) {
        CompletionStage<T> stage;
        try {
            stage = question.get();
        } catch (RuntimeException e) {
            fail(answer, e);
            return;
        }
        stage.whenComplete(
                (response, failure) -> {
                    if (failure == null) {
                        answer.onNext(response);
                        answer.onCompleted();
                    } else {
                        fail(answer, failure);
                    }
                });
    }

    private void fail(StreamObserver<?> answer, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ApiException refusal) {
            refuse(answer, refusal.error());
        } else if (cause instanceof RejectedExecutionException) {
            refuse(answer, tooMany());
        } else {
            LOG.error("{} call failed", api, cause);
            refuse(
                    answer,
                    ApiError.of(
                            ErrorReason.INTERNAL_ERROR,
                            "the call failed; the node's log says why"));
        }
    }
}
