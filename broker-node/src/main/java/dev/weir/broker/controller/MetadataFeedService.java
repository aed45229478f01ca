// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.FeedMetadataRequest;
import dev.weir.api.internal.v1.FeedMetadataResponse;
import dev.weir.api.internal.v1.MetadataFeedServiceGrpc;
import dev.weir.api.internal.v1.PastUnavailable;
import dev.weir.api.internal.v1.ReadPastImageRequest;
import dev.weir.api.internal.v1.ReadPastImageResponse;
import dev.weir.broker.threads.NamedThreads;
import dev.weir.broker.threads.PeriodicTask;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.quorum.MetadataQuorum;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/// `weir.internal.v1.MetadataFeedService`: this voter's metadata for brokers that do not vote.
///
/// **Threading:** one thread of its own encodes and sends.
///
/// **Bound:** [#FEEDS_MAX] feeds.
public final class MetadataFeedService extends MetadataFeedServiceGrpc.MetadataFeedServiceImplBase
        implements AutoCloseable {

    private static final int FEEDS_MAX = 1_000;

    /// How often a change of leader is looked for that no change of metadata tells of.
    private static final long LEADER_MS = 250;

    private final MetadataQuorum quorum;
    private final Executor readers;
    private final Set<FeedStream> feeds = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor feeders;

    /// @param quorum this node's part in the quorum
    /// @param readers reads the past; bounded
    public MetadataFeedService(MetadataQuorum quorum, Executor readers) {
        this.quorum = quorum;
        this.readers = readers;
        feeders = new ScheduledThreadPoolExecutor(1, new NamedThreads("feeder"));
        var _ =
                PeriodicTask.start(
                        feeders,
                        LEADER_MS,
                        "the leader is told to feeds",
                        () -> feeds.forEach(FeedStream::signal));
    }

    @Override
    public void feedMetadata(
            FeedMetadataRequest request, StreamObserver<FeedMetadataResponse> answer) {
        if (request.getNodeId() < 1 || request.getAfterOffset() < 0) {
            answer.onError(
                    Status.INVALID_ARGUMENT
                            .withDescription("node_id and after_offset are needed")
                            .asRuntimeException());
            return;
        }
        if (feeds.size() >= FEEDS_MAX) {
            answer.onError(
                    Status.RESOURCE_EXHAUSTED
                            .withDescription("this node feeds " + FEEDS_MAX + " brokers already")
                            .asRuntimeException());
            return;
        }
        var ended = new Runnable[1];
        var feed =
                new FeedStream(
                        quorum,
                        (ServerCallStreamObserver<FeedMetadataResponse>) answer,
                        feeders,
                        () -> ended[0].run());
        ended[0] = () -> feeds.remove(feed);
        feeds.add(feed);
        feed.start(OptionalLong.of(request.getAfterOffset()));
    }

    @Override
    public void readPastImage(
            ReadPastImageRequest request, StreamObserver<ReadPastImageResponse> answer) {
        var call = (ServerCallStreamObserver<ReadPastImageResponse>) answer;
        var responses = new ArrayDeque<ReadPastImageResponse>();
        var isRead = new boolean[1];
        // Both run on the readers' one thread: what is read is sent as the transport takes it.
        Runnable send =
                () -> {
                    while (isRead[0] && call.isReady() && !responses.isEmpty()) {
                        call.onNext(responses.remove());
                        if (responses.isEmpty()) {
                            call.onCompleted();
                        }
                    }
                };
        call.setOnCancelHandler(() -> {});
        call.setOnReadyHandler(() -> onReaders(call, send));
        onReaders(
                call,
                () -> {
                    read(request, responses);
                    isRead[0] = true;
                    send.run();
                });
    }

    private void onReaders(ServerCallStreamObserver<?> call, Runnable work) {
        try {
            readers.execute(
                    () -> {
                        try {
                            work.run();
                        } catch (RuntimeException e) {
                            call.onError(
                                    Status.INTERNAL
                                            .withDescription("the past cannot be read here")
                                            .withCause(e)
                                            .asRuntimeException());
                        }
                    });
        } catch (RejectedExecutionException full) {
            call.onError(
                    Status.RESOURCE_EXHAUSTED
                            .withDescription("too many ask for the past at once")
                            .asRuntimeException());
        }
    }

    private void read(ReadPastImageRequest request, ArrayDeque<ReadPastImageResponse> responses) {
        switch (quorum.history().imageAt(Math.max(0, request.getAtOffset()))) {
            case ImageAt.Found(var image) ->
                    ImageStreams.parts(image)
                            .forEach(
                                    part ->
                                            responses.add(
                                                    ReadPastImageResponse.newBuilder()
                                                            .setImage(part)
                                                            .build()));
            case ImageAt.Unavailable(var earliest, var latest) ->
                    responses.add(
                            ReadPastImageResponse.newBuilder()
                                    .setUnavailable(
                                            PastUnavailable.newBuilder()
                                                    .setEarliest(earliest)
                                                    .setLatest(latest))
                                    .build());
        }
    }

    @Override
    public void close() {
        feeders.shutdownNow();
    }
}
