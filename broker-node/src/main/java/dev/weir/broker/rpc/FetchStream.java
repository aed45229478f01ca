// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.UnsafeByteOperations;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.Subscribe;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.Partition;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/// One fetch stream: subscriptions take turns, and one push is under way at a time.
///
/// ```
///              fetch without waiting           nothing there
///   ready ───────────────────────────▶ turn ─────────────────▶ parked at the partition
///     ▲                                  │                        │
///     └──────────── pushed ◀─────────────┴────────────────────────┘  data committed
/// ```
///
/// A push needs credit and a transport that takes more; what arrives for a parked subscription when
/// there is none is let go and read again at its turn. So a reader that never reads holds no batch
/// in memory, and a busy partition does not starve the others.
///
/// **Threading:** all state is touched in [SerialTurns] only; whoever brings an event may run it.
final class FetchStream implements StreamObserver<FetchRequest>, OpenStreams.Stream {

    private static final Logger LOG = LoggerFactory.getLogger(FetchStream.class);

    private final FetchContext context;
    private final Principal principal;
    private final ServerCallStreamObserver<FetchResponse> call;
    private final SerialTurns turns = new SerialTurns(Runnable::run);
    private final IdleWatch idle;
    private final AwayFetches away;
    private final SubscriptionStarts starts;
    private final boolean isForwarded = CallGuard.isForwarded();
    private final Map<Integer, FetchSubscription> subscriptions = new HashMap<>();
    private final ArrayDeque<FetchSubscription> ready = new ArrayDeque<>();
    private @Nullable FetchSubscription turn;
    private long creditBytes;
    private boolean inboundPaused;
    private boolean ended;
    private volatile boolean waitsForData;

    FetchStream(
            FetchContext context,
            Principal principal,
            ServerCallStreamObserver<FetchResponse> call) {
        this.context = context;
        this.principal = principal;
        this.call = call;
        var place = new Place();
        this.away =
                new AwayFetches(
                        context.forwarding(), context.router().partitions(), principal, place);
        this.starts = new SubscriptionStarts(place);
        this.idle =
                new IdleWatch(
                        context.timers(),
                        context.limits().streamIdleMs(),
                        () -> !waitsForData,
                        () -> event(() -> fail(StreamEnds.idle(context.limits().streamIdleMs()))));
    }

    void start() {
        call.disableAutoRequest();
        call.setOnReadyHandler(() -> event(this::resumeInbound));
        call.setOnCancelHandler(() -> event(this::close));
        context.streams().add(this);
        context.meters().streams("fetch", 1);
        idle.start();
        call.request(1);
    }

    @Override
    public void onNext(FetchRequest request) {
        idle.touch();
        event(
                () -> {
                    handle(request);
                    inboundPaused = true;
                    resumeInbound();
                });
    }

    @Override
    public void onError(Throwable cancelled) {
        event(this::close);
    }

    @Override
    public void onCompleted() {
        event(
                () -> {
                    if (!ended) {
                        close();
                        call.onCompleted();
                    }
                });
    }

    @Override
    public void stop() {
        event(() -> fail(StreamEnds.stopping()));
    }

    /// Every event ends by pushing what can be pushed.
    private void event(Runnable event) {
        turns.run(
                () -> {
                    event.run();
                    nextTurn();
                    away.pump();
                    waitsForData = !subscriptions.isEmpty() && creditBytes > 0 && call.isReady();
                });
    }

    /// Requests are read only while answers are: errors of a flood of them cannot pile up.
    private void resumeInbound() {
        if (inboundPaused && !ended && call.isReady()) {
            inboundPaused = false;
            call.request(1);
        }
    }

    private void handle(FetchRequest request) {
        if (ended) {
            return;
        }
        switch (request.getRequestCase()) {
            case SUBSCRIBE -> subscribe(request.getSubscribe());
            case UNSUBSCRIBE -> unsubscribe(request.getUnsubscribe().getSubscriptionId());
            case GRANT_BYTES -> grant(request.getGrantBytes());
            case REQUEST_NOT_SET ->
                    fail(
                            ApiError.badField(
                                    "request", "must be subscribe, unsubscribe or grant_bytes"));
        }
    }

    private void grant(long bytes) {
        if (bytes <= 0) {
            fail(ApiError.badField("grant_bytes", "must be above 0, not " + bytes));
            return;
        }
        long most = context.limits().fetchCreditBytesMax();
        creditBytes = bytes >= most - creditBytes ? most : creditBytes + bytes;
    }

    private void subscribe(Subscribe request) {
        int id = request.getSubscriptionId();
        unsubscribe(id);
        try {
            var subscription =
                    SubscribeRequests.open(request, context, principal, subscriptions.size());
            subscriptions.put(id, subscription);
            if (isForwarded) {
                serve(
                        subscription,
                        context.router()
                                .replica(subscription.partition(), subscription.leaderEpoch()));
            } else {
                away.place(subscription);
            }
        } catch (ApiException e) {
            unsubscribe(id);
            refuse(id, e.error());
        }
    }

    /// A replica here reads for it, from the start or from where it stands.
    private void serve(FetchSubscription subscription, Partition replica) {
        subscription.servedBy(replica);
        if (subscription.isStarted()) {
            ready.add(subscription);
        } else {
            starts.find(subscription);
        }
    }

    private void unsubscribe(int id) {
        var subscription = subscriptions.remove(id);
        if (subscription != null) {
            subscription.end();
            away.remove(subscription);
            if (subscription == turn) {
                turn = null;
            }
        }
    }

    private boolean mayPush() {
        return !ended && creditBytes > 0 && call.isReady();
    }

    private void nextTurn() {
        while (turn == null && mayPush() && !ready.isEmpty()) {
            var next = ready.remove();
            if (!next.isEnded()) {
                turn = next;
                next.fetch(creditBytes, false, o -> event(() -> onOutcome(next, o)));
            }
        }
    }

    private void onOutcome(FetchSubscription subscription, FetchOutcome outcome) {
        if (subscription == turn) {
            turn = null;
        }
        if (!(outcome instanceof FetchOutcome.Data data)) {
            if (!subscription.isEnded()) {
                refusedHere(subscription, subscription.errors().of(outcome));
            }
            return;
        }
        try {
            if (!subscription.isEnded()) {
                subscription.answered();
                subscription.saw(data.leaderEpoch());
                away.found(subscription);
                onData(subscription, data);
            }
        } finally {
            data.slice().release();
        }
    }

    private void onData(FetchSubscription subscription, FetchOutcome.Data data) {
        boolean somethingThere = data.slice().sizeBytes() > 0;
        if (somethingThere && (turn != null || !mayPush())) {
            ready.add(subscription);
            return;
        }
        if (somethingThere) {
            push(subscription, data);
        }
        if (somethingThere && subscription.nextOffset() < data.highWatermark()) {
            ready.add(subscription);
        } else if (!ended) {
            subscription.fetch(creditBytes, true, o -> event(() -> onOutcome(subscription, o)));
        }
    }

    private void push(FetchSubscription subscription, FetchOutcome.Data data) {
        var slice = data.slice();
        creditBytes -= slice.sizeBytes();
        subscription.moveTo(slice.nextOffset());
        // The message is turned into bytes inside onNext, so the slice may go afterwards.
        send(
                SubscriptionStarts.bounds(data)
                        .setSubscriptionId(subscription.id())
                        .setRecordBatches(UnsafeByteOperations.unsafeWrap(slice.buffer()))
                        .build());
        idle.touch();
        context.meters().fetched(slice.sizeBytes());
    }

    private void endWith(FetchSubscription subscription, ApiError error) {
        subscriptions.remove(subscription.id(), subscription);
        subscription.end();
        away.remove(subscription);
        refuse(subscription.id(), error);
    }

    private void refuse(int subscriptionId, ApiError error) {
        context.meters().refused("fetch", error.reason().name());
        send(
                FetchResponse.newBuilder()
                        .setSubscriptionId(subscriptionId)
                        .setError(ErrorMapping.toStatus(error))
                        .build());
    }

    private void send(FetchResponse response) {
        if (ended) {
            return;
        }
        try {
            call.onNext(response);
        } catch (IllegalStateException | StatusRuntimeException closed) {
            // The call ended under our hands.
            close();
        } catch (InternalError unreadable) {
            // A mapped page could not be read. gRPC has closed the call; the reader comes back and
            // is served through the channel, or told what is damaged.
            LOG.error("A mapped segment could not be read", unreadable);
            close();
        }
    }

    private void fail(ApiError error) {
        if (!ended) {
            close();
            call.onError(ErrorMapping.toException(error));
        }
    }

    private void close() {
        if (ended) {
            return;
        }
        ended = true;
        idle.close();
        away.close();
        context.streams().remove(this);
        context.meters().streams("fetch", -1);
        subscriptions.values().forEach(FetchSubscription::end);
        subscriptions.clear();
        ready.clear();
        turn = null;
    }

    /// A replica here does not serve it. Perhaps another node leads by now.
    private void refusedHere(FetchSubscription subscription, ApiError error) {
        if (!isForwarded && AwayFetches.isOfTheLeader(error)) {
            away.moved(subscription, error);
        } else {
            endWith(subscription, error);
        }
    }

    /// What [AwayFetches] and [SubscriptionStarts] see of the stream.
    private final class Place implements AwayFetches.Host, SubscriptionStarts.Host {

        @Override
        public void turn(Runnable event) {
            event(event);
        }

        @Override
        public void serveHere(FetchSubscription subscription, Partition replica) {
            serve(subscription, replica);
        }

        /// The first answer says where it begins, even when there is nothing to read.
        @Override
        public void begin(FetchSubscription subscription, FetchResponse.Builder bounds) {
            send(
                    bounds.setSubscriptionId(subscription.id())
                            .setStartOffset(subscription.nextOffset())
                            .build());
            subscription.start(subscription.nextOffset());
            away.found(subscription);
            ready.add(subscription);
        }

        @Override
        public void refused(FetchSubscription subscription, ApiError error) {
            refusedHere(subscription, error);
        }

        @Override
        public void pass(FetchSubscription subscription, FetchResponse response) {
            int size = response.getRecordBatches().size();
            creditBytes -= size;
            send(response.toBuilder().setSubscriptionId(subscription.id()).build());
            idle.touch();
            context.meters().fetched(size);
        }

        @Override
        public void end(FetchSubscription subscription, ApiError error) {
            endWith(subscription, error);
        }

        @Override
        public long pushableBytes() {
            return mayPush() ? creditBytes : 0;
        }
    }
}
