// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.FeedMetadataRequest;
import dev.weir.api.internal.v1.FeedMetadataResponse;
import dev.weir.api.internal.v1.MetadataFeedServiceGrpc;
import dev.weir.api.internal.v1.QuorumView;
import dev.weir.broker.threads.NamedThreads;
import dev.weir.broker.threads.PeriodicTask;
import dev.weir.metadata.MetadataException;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.Endpoint;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Keeps a feed of the metadata up: from one voter after the other until one has a leader, and from
/// the next when it ends. It goes on after the last offset seen, and never back.
///
/// **Threading:** state belongs to one thread of its own, on which images are published too.
final class MetadataFeedClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataFeedClient.class);

    /// Between two voters while none feeds.
    private static final long RETRY_MS = 100;

    /// How long a voter may have no leader before another one is asked.
    private static final long LEADERLESS_MS = 1_500;

    /// How long a voter may say nothing before another one is asked.
    private static final long SILENT_MS = 3 * FeedStream.QUIET_MS;

    /// Messages on their way to this thread.
    private static final int WINDOW = 16;

    /// Who is told.
    interface Receiver {

        /// The newest image, to know what a change changes.
        ClusterImage image();

        /// A whole image, never older than the last.
        void onImage(ClusterImage image);

        /// The next image.
        void onChange(ClusterImage image, ImageDelta delta);

        /// What the voter knows about the quorum.
        void onQuorum(QuorumView view);
    }

    private final int nodeId;
    private final List<Endpoint> bootstrap;
    private final Function<Endpoint, ManagedChannel> channels;
    private final Receiver receiver;
    private final ScheduledThreadPoolExecutor turns;
    private volatile @Nullable Feed feed;
    private QuorumView view = QuorumView.getDefaultInstance();
    private int attempts;
    private boolean isClosed;

    /// @param bootstrap internal addresses of nodes, to begin with
    /// @param channels opens a connection for its caller alone
    MetadataFeedClient(
            int nodeId,
            List<Endpoint> bootstrap,
            Function<Endpoint, ManagedChannel> channels,
            Receiver receiver) {
        this.nodeId = nodeId;
        this.bootstrap = List.copyOf(bootstrap);
        this.channels = channels;
        this.receiver = receiver;
        turns = new ScheduledThreadPoolExecutor(1, new NamedThreads("metadata-feed-in"));
        turns.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        turns.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    void start() {
        later(this::connect, 0);
        var _ =
                PeriodicTask.start(
                        turns,
                        FeedStream.QUIET_MS,
                        "the metadata feed is watched over",
                        this::leaveTheSilent,
                        this::failed);
    }

    /// A process that is stopped keeps its connections.
    private void leaveTheSilent() {
        var open = feed;
        if (open != null
                && System.nanoTime() - open.heardAtNs > TimeUnit.MILLISECONDS.toNanos(SILENT_MS)) {
            ended(open, "it says nothing");
        }
    }

    /// The voter that feeds now, for questions about the past; null while there is none. Any
    /// thread.
    @Nullable ManagedChannel channel() {
        var open = feed;
        return open == null ? null : open.channel;
    }

    /// Voters that the image knows an address of, then the configured addresses.
    private List<Endpoint> candidates() {
        var candidates = new LinkedHashSet<Endpoint>();
        for (var voter : view.getVotersList()) {
            receiver.image()
                    .brokers()
                    .broker(voter.getNodeId())
                    .ifPresent(b -> candidates.add(b.registration().internalEndpoint()));
        }
        candidates.addAll(bootstrap);
        return new ArrayList<>(candidates);
    }

    private void connect() {
        if (isClosed || feed != null) {
            return;
        }
        var candidates = candidates();
        var address = candidates.get(attempts++ % candidates.size());
        var next = new Feed(address, channels.apply(address));
        feed = next;
        MetadataFeedServiceGrpc.newStub(next.channel)
                .feedMetadata(
                        FeedMetadataRequest.newBuilder()
                                .setNodeId(nodeId)
                                .setAfterOffset(receiver.image().offset())
                                .build(),
                        next);
    }

    private void ended(Feed over, String reason) {
        ended(over, reason, over.hasFed ? 0 : RETRY_MS);
    }

    private void ended(Feed over, String reason, long pauseMs) {
        if (feed != over) {
            return;
        }
        feed = null;
        over.channel.shutdownNow();
        if (over.hasFed) {
            LOG.info("the metadata feed of {} ended: {}", over.address, reason);
        } else if (attempts % 100 == 1) {
            LOG.warn("no metadata from {}: {}", over.address, reason);
        }
        later(this::connect, pauseMs);
    }

    private void later(Runnable turn, long ms) {
        try {
            var _ = turns.schedule(() -> guarded(turn), ms, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("the metadata feed is not opened again: the node stops", closing);
        }
    }

    private void guarded(Runnable turn) {
        try {
            turn.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A step of the metadata feed failed", e);
            failed(e);
        }
    }

    /// A feed of which a step failed may lack a change, and is asked for one message less from then
    /// on: it ends, and another one is opened.
    private void failed(Throwable failure) {
        var open = feed;
        if (open != null) {
            ended(open, "a step failed: " + failure, RETRY_MS);
        } else {
            later(this::connect, RETRY_MS);
        }
    }

    @Override
    public void close() {
        try {
            turns.execute(
                    () -> {
                        isClosed = true;
                        if (feed != null) {
                            feed.channel.shutdownNow();
                        }
                    });
        } catch (RejectedExecutionException again) {
            return;
        }
        turns.shutdown();
        try {
            if (!turns.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("the thread of the metadata feed did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One stream from one voter.
    private final class Feed
            implements ClientResponseObserver<FeedMetadataRequest, FeedMetadataResponse> {

        private final Endpoint address;
        private final ManagedChannel channel;
        private final ImageStreams.Assembly assembly = new ImageStreams.Assembly();
        private @Nullable ClientCallStreamObserver<FeedMetadataRequest> call;
        private boolean hasFed;
        private long heardAtNs = System.nanoTime();

        private Feed(Endpoint address, ManagedChannel channel) {
            this.address = address;
            this.channel = channel;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FeedMetadataRequest> observer) {
            observer.disableAutoRequestWithInitial(WINDOW);
            call = observer;
        }

        @Override
        public void onNext(FeedMetadataResponse response) {
            later(
                    () -> {
                        take(response);
                        if (call != null) {
                            call.request(1);
                        }
                    },
                    0);
        }

        private void take(FeedMetadataResponse response) {
            if (feed != this) {
                return;
            }
            heardAtNs = System.nanoTime();
            try {
                switch (response.getEventCase()) {
                    case IMAGE ->
                            assembly.add(response.getImage())
                                    .ifPresent(
                                            image -> {
                                                hasFed = true;
                                                receiver.onImage(image);
                                            });
                    case CHANGE -> {
                        var applied = ImageStreams.applied(receiver.image(), response.getChange());
                        receiver.onChange(applied.image(), applied.delta());
                    }
                    case QUORUM -> quorum(response.getQuorum());
                    case EVENT_NOT_SET -> {}
                }
            } catch (MetadataException | IllegalArgumentException e) {
                LOG.warn("the metadata feed of {} is not understood", address, e);
                ended(this, "not understood");
            }
        }

        private void quorum(QuorumView told) {
            view = told;
            receiver.onQuorum(told);
            if (!told.hasLeaderId()) {
                later(
                        () -> {
                            if (feed == this && !view.hasLeaderId()) {
                                ended(this, "it has no leader");
                            }
                        },
                        LEADERLESS_MS);
            }
        }

        @Override
        public void onError(Throwable failure) {
            var status = Status.fromThrowable(failure);
            later(() -> ended(this, status.getCode() + " " + status.getDescription()), 0);
        }

        @Override
        public void onCompleted() {
            later(() -> ended(this, "it ended the stream"), 0);
        }
    }
}
