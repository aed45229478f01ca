// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// One bidirectional stream as a test sees it: what is sent, and what came, in order.
///
/// @param <Q> what is sent
/// @param <A> what comes
final class RecordedStream<Q, A> implements ClientResponseObserver<Q, A> {

    private static final long PATIENCE_S = 20;

    private final LinkedBlockingQueue<Object> came = new LinkedBlockingQueue<>();
    private final boolean reads;
    private ClientCallStreamObserver<Q> call;
    private StreamObserver<Q> out;

    private enum End {
        COMPLETED
    }

    private RecordedStream(boolean reads) {
        this.reads = reads;
    }

    static <Q, A> RecordedStream<Q, A> open(Function<StreamObserver<A>, StreamObserver<Q>> method) {
        return open(method, true);
    }

    /// A stream whose answers are taken only when [#read] asks for them.
    static <Q, A> RecordedStream<Q, A> openWithoutReading(
            Function<StreamObserver<A>, StreamObserver<Q>> method) {
        return open(method, false);
    }

    private static <Q, A> RecordedStream<Q, A> open(
            Function<StreamObserver<A>, StreamObserver<Q>> method, boolean reads) {
        var stream = new RecordedStream<Q, A>(reads);
        stream.out = method.apply(stream);
        return stream;
    }

    void send(Q message) {
        out.onNext(message);
    }

    void complete() {
        out.onCompleted();
    }

    /// Takes so many further answers.
    void read(int count) {
        call.request(count);
    }

    /// The next answer.
    @SuppressWarnings("unchecked")
    A next() {
        var next = poll();
        if (next instanceof Throwable || next == End.COMPLETED) {
            throw new AssertionError("the stream ended: " + next);
        }
        return (A) next;
    }

    /// The error that the stream ends with; answers before it are passed over.
    Throwable error() {
        for (var next = poll(); ; next = poll()) {
            if (next instanceof Throwable error) {
                return error;
            }
            if (next == End.COMPLETED) {
                throw new AssertionError("the stream completed");
            }
        }
    }

    /// Waits for the stream's good end.
    void awaitCompletion() {
        var next = poll();
        if (next != End.COMPLETED) {
            throw new AssertionError("not the end: " + next);
        }
    }

    /// Answers that came and were not taken.
    int waiting() {
        return came.size();
    }

    private Object poll() {
        try {
            var next = came.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came for " + PATIENCE_S + " s");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
        call = stream;
        if (!reads) {
            stream.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(A answer) {
        came.add(answer);
    }

    @Override
    public void onError(Throwable error) {
        came.add(error);
    }

    @Override
    public void onCompleted() {
        came.add(End.COMPLETED);
    }
}
