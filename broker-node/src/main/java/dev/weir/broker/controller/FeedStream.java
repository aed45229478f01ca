// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.FeedMetadataResponse;
import dev.weir.api.internal.v1.ImagePart;
import dev.weir.api.internal.v1.QuorumPeer;
import dev.weir.api.internal.v1.QuorumView;
import dev.weir.metadata.quorum.MetadataQuorum;
import dev.weir.metadata.quorum.QuorumStatus;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.WatchEvent;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// One broker's feed: sends while the transport takes more, so that a slow broker costs no more
/// than the watch's own bounded queue and the parts of one image.
///
/// **Threading:** state belongs to the feeders' one thread.
final class FeedStream {

    private static final Logger LOG = LoggerFactory.getLogger(FeedStream.class);

    /// A feed on which nothing else happens says what is known of the quorum this often.
    static final long QUIET_MS = 1_000;

    private final MetadataQuorum quorum;
    private final ServerCallStreamObserver<FeedMetadataResponse> call;
    private final Executor feeders;
    private final Runnable onEnd;
    private final AtomicBoolean isDue = new AtomicBoolean();
    private final ArrayDeque<ImagePart> parts = new ArrayDeque<>();
    private @Nullable MetadataWatch watch;
    private @Nullable OptionalInt toldLeader;
    private long toldAtNs;
    private boolean isOver;

    /// @param feeders one thread
    /// @param onEnd run once, when the stream is over
    FeedStream(
            MetadataQuorum quorum,
            ServerCallStreamObserver<FeedMetadataResponse> call,
            Executor feeders,
            Runnable onEnd) {
        this.quorum = quorum;
        this.call = call;
        this.feeders = feeders;
        this.onEnd = onEnd;
    }

    /// @param after the last offset that the broker has seen
    void start(OptionalLong after) {
        call.setOnReadyHandler(this::signal);
        call.setOnCancelHandler(() -> enqueue(this::end));
        enqueue(() -> watch = quorum.watch(after, this::signal));
        signal();
    }

    /// There may be something to send. Any thread, also the one that applies metadata.
    void signal() {
        if (isDue.compareAndSet(false, true)) {
            enqueue(
                    () -> {
                        isDue.set(false);
                        send();
                    });
        }
    }

    private void enqueue(Runnable turn) {
        try {
            feeders.execute(() -> guarded(turn));
        } catch (RejectedExecutionException closing) {
            LOG.debug("a feed gets nothing more: the node stops", closing);
        }
    }

    /// A feed of which a step failed may lack a change: the broker opens another one.
    private void guarded(Runnable turn) {
        try {
            turn.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A metadata feed failed", e);
            if (!isOver) {
                end();
                call.onError(
                        Status.INTERNAL.withDescription("the feed failed").asRuntimeException());
            }
        }
    }

    private void send() {
        tellLeader();
        while (!isOver && watch != null && call.isReady()) {
            var part = parts.poll();
            if (part != null) {
                call.onNext(FeedMetadataResponse.newBuilder().setImage(part).build());
                continue;
            }
            var event = watch.poll();
            if (event.isEmpty()) {
                return;
            }
            send(event.get());
        }
    }

    private void send(WatchEvent event) {
        switch (event) {
            case WatchEvent.Snapshot(var image) -> parts.addAll(ImageStreams.parts(image));
            case WatchEvent.Delta(var image, var delta) ->
                    call.onNext(
                            FeedMetadataResponse.newBuilder()
                                    .setChange(ImageStreams.change(image, delta))
                                    .build());
            case WatchEvent.Dropped(var reason) -> {
                end();
                call.onError(
                        Status.UNAVAILABLE
                                .withDescription("the feed ended: " + reason)
                                .asRuntimeException());
            }
        }
    }

    /// A voter that has lost the quorum says so, and the broker then asks another one; also every
    /// now and then, because a voter that says nothing at all may hang.
    private void tellLeader() {
        var leader = quorum.leaderHint();
        long nowNs = System.nanoTime();
        var isQuiet = nowNs - toldAtNs >= TimeUnit.MILLISECONDS.toNanos(QUIET_MS);
        if (isOver || (leader.equals(toldLeader) && !isQuiet) || !call.isReady()) {
            return;
        }
        toldLeader = leader;
        toldAtNs = nowNs;
        call.onNext(FeedMetadataResponse.newBuilder().setQuorum(view(quorum.status())).build());
    }

    private static QuorumView view(QuorumStatus status) {
        var view =
                QuorumView.newBuilder()
                        .setTerm(status.term())
                        .setCommittedIndex(Math.max(0, status.commitIndex()));
        status.leaderId().ifPresent(view::setLeaderId);
        for (var voter : status.voters()) {
            view.addVoters(
                    QuorumPeer.newBuilder()
                            .setNodeId(voter.nodeId())
                            .setDirectoryId(WireValues.id(voter.directoryId()))
                            .setAddress(voter.address()));
        }
        return view.build();
    }

    private void end() {
        if (isOver) {
            return;
        }
        isOver = true;
        parts.clear();
        if (watch != null) {
            watch.close();
        }
        onEnd.run();
    }
}
