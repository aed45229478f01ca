// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.WatchMetadataRequest;
import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.client.core.RetryBackoff;

import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// A watch over one stream at a time. Asks for one message after the other, so at most one waits
/// here.
final class MetadataStream implements MetadataWatch {

    private final Calls calls;
    private final RetryBackoff backoff =
            RetryBackoff.forStreams(ThreadLocalRandom.current().nextLong());
    private OptionalLong afterOffset;
    private @Nullable Attempt attempt;
    private boolean isClosed;

    MetadataStream(Calls calls, OptionalLong afterOffset) {
        this.calls = calls;
        this.afterOffset = afterOffset;
    }

    @Override
    public Optional<WatchMetadataResponse> next(Duration timeout) {
        long startNs = System.nanoTime();
        while (true) {
            long leftNs = timeout.toNanos() - (System.nanoTime() - startNs);
            var event = await(Math.max(0, leftNs));
            switch (event) {
                case null -> {
                    return Optional.empty();
                }
                case Event.Update(WatchMetadataResponse update) -> {
                    afterOffset = OptionalLong.of(update.getMetadataOffset());
                    backoff.reset();
                    return Optional.of(update);
                }
                case Event.Ended(ClientException failure) -> {
                    attempt = null;
                    if (isClosed || !StatusMapping.canRetry(failure)) {
                        throw failure;
                    }
                    pause(
                            Math.min(
                                    TimeUnit.MILLISECONDS.toNanos(backoff.nextDelayMs()),
                                    Math.max(0, leftNs)));
                }
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
        if (attempt != null) {
            attempt.cancel();
        }
    }

    private @Nullable Event await(long leftNs) {
        if (isClosed) {
            throw new ClientException.Closed("the watch is closed");
        }
        var current = attempt;
        if (current == null) {
            current = new Attempt();
            attempt = current;
            current.start();
        }
        try {
            var event = current.events.poll(leftNs, TimeUnit.NANOSECONDS);
            if (event instanceof Event.Update) {
                current.request();
            }
            return event;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static void pause(long delayNs) {
        try {
            TimeUnit.NANOSECONDS.sleep(delayNs);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private sealed interface Event {
        record Update(WatchMetadataResponse update) implements Event {}

        record Ended(ClientException failure) implements Event {}
    }

    private final class Attempt
            implements ClientResponseObserver<WatchMetadataRequest, WatchMetadataResponse> {

        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private final String address = calls.nodes().anyAddress();
        private volatile @Nullable ClientCallStreamObserver<WatchMetadataRequest> call;

        void start() {
            var request = WatchMetadataRequest.newBuilder();
            afterOffset.ifPresent(request::setAfterOffset);
            var channel = calls.nodes().channel(address);
            channel.resetConnectBackoff();
            // The caller's own deadline or cancellation must not end a watch that outlives the
            // call.
            Context.ROOT.run(
                    () ->
                            MetadataServiceGrpc.newStub(channel)
                                    .watchMetadata(request.build(), this));
        }

        void request() {
            var observer = call;
            if (observer != null) {
                observer.request(1);
            }
        }

        void cancel() {
            var observer = call;
            if (observer != null) {
                observer.cancel("watch closed", null);
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchMetadataRequest> requestStream) {
            requestStream.disableAutoRequestWithInitial(1);
            call = requestStream;
        }

        @Override
        public void onNext(WatchMetadataResponse value) {
            events.add(new Event.Update(value));
        }

        @Override
        public void onError(Throwable t) {
            var failure = StatusMapping.toException(t);
            if (failure instanceof ClientException.Unreachable) {
                calls.nodes().failed(address);
            }
            events.add(new Event.Ended(failure));
        }

        @Override
        public void onCompleted() {
            events.add(
                    new Event.Ended(
                            new ClientException.Unreachable(
                                    "the node ended the watch",
                                    new IllegalStateException("ended"))));
        }
    }
}
