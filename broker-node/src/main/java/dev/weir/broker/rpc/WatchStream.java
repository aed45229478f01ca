// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.WatchEvent;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;

/// One metadata watch: polls while the transport takes more, so a slow reader costs no more than
/// the watch's own bounded queue.
///
/// **Threading:** events run one at a time on the watchers' thread, because images take long to
/// encode.
final class WatchStream implements OpenStreams.Stream {

    private static final Logger LOG = LoggerFactory.getLogger(WatchStream.class);

    private final MetadataContext context;
    private final UUID clusterId;
    private final ServerCallStreamObserver<WatchMetadataResponse> call;
    private final Runnable onEnd;
    private final SerialTurns turns;
    private @Nullable MetadataWatch watch;
    private boolean ended;

    /// @param onEnd run once, when the stream is over
    WatchStream(
            MetadataContext context,
            UUID clusterId,
            ServerCallStreamObserver<WatchMetadataResponse> call,
            Runnable onEnd) {
        this.context = context;
        this.clusterId = clusterId;
        this.call = call;
        this.onEnd = onEnd;
        this.turns = new SerialTurns(context.watchers());
    }

    /// @param after the last offset that the reader has seen
    void start(OptionalLong after) {
        call.setOnReadyHandler(() -> event(this::send));
        call.setOnCancelHandler(() -> event(this::close));
        context.streams().add(this);
        context.meters().streams("watch", 1);
        event(
                () -> {
                    if (!ended) {
                        watch = context.metadata().watch(after, () -> event(this::send));
                        send();
                    }
                });
    }

    /// The caller may be the thread that applies metadata, which a throw would halt the node from.
    private void event(Runnable event) {
        try {
            turns.run(event);
        } catch (RejectedExecutionException closing) {
            LOG.debug("a watch hears nothing more: the node stops", closing);
        }
    }

    @Override
    public void stop() {
        event(() -> fail(StreamEnds.stopping()));
    }

    private void send() {
        while (!ended && watch != null && call.isReady()) {
            var event = watch.poll();
            if (event.isEmpty()) {
                return;
            }
            send(event.get());
        }
    }

    private void send(WatchEvent event) {
        switch (event) {
            case WatchEvent.Snapshot(var image) ->
                    send(
                            WatchMetadataResponse.newBuilder()
                                    .setMetadataOffset(image.offset())
                                    .setSnapshot(ImageViews.image(image, clusterId))
                                    .build());
            case WatchEvent.Delta(var image, var delta) ->
                    send(
                            WatchMetadataResponse.newBuilder()
                                    .setMetadataOffset(image.offset())
                                    .setDelta(
                                            DeltaViews.delta(
                                                    image, delta, System.currentTimeMillis()))
                                    .build());
            case WatchEvent.Dropped(var reason) ->
                    fail(
                            switch (reason) {
                                case TOO_SLOW ->
                                        ApiError.of(
                                                ErrorReason.WATCH_TOO_SLOW,
                                                "more changes waited than a watch may leave unread;"
                                                    + " watch again after the last offset seen");
                                case CLOSING -> StreamEnds.stopping();
                            });
        }
    }

    private void send(WatchMetadataResponse response) {
        try {
            call.onNext(response);
        } catch (IllegalStateException | StatusRuntimeException closed) {
            // The call ended under our hands.
            close();
        }
    }

    private void fail(ApiError error) {
        if (!ended) {
            close();
            try {
                call.onError(ErrorMapping.toException(error));
            } catch (IllegalStateException | RejectedExecutionException over) {
                LOG.debug("a watch hears no reason: its connection is gone", over);
            }
        }
    }

    private void close() {
        if (ended) {
            return;
        }
        ended = true;
        context.streams().remove(this);
        context.meters().streams("watch", -1);
        if (watch != null) {
            watch.close();
        }
        onEnd.run();
    }
}
