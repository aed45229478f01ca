// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.Subscribe;
import dev.weir.api.v1.TopicRef;
import dev.weir.api.v1.Unsubscribe;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One fetch stream to a leader, for one reader's stream. At most one message is here: the next is
/// asked for when it has been taken.
///
/// **Threading:** owned by the turns of the reader's stream, which gets what the network says
/// through [Events].
final class FetchUpstream implements ClientResponseObserver<FetchRequest, FetchResponse> {

    /// Credit that the leader is given at a time.
    private static final long WINDOW_BYTES = 2 * 1024 * 1024;

    /// What the network says, on its thread.
    interface Events {

        void pushed(FetchUpstream upstream, FetchResponse response);

        void ended(FetchUpstream upstream, Throwable cause);
    }

    private final int nodeId;
    private final Events events;
    private final Map<Integer, FetchSubscription> subscriptions = new HashMap<>();
    private @Nullable ClientCallStreamObserver<FetchRequest> call;
    private @Nullable FetchResponse held;
    private long heldBytes;
    private final MemoryBudget budget;
    private long grantedBytes;
    private int lastId;
    private boolean isEnded;

    private FetchUpstream(int nodeId, Events events, MemoryBudget budget) {
        this.nodeId = nodeId;
        this.events = events;
        this.budget = budget;
    }

    /// Opens a stream.
    ///
    /// @param budget counts what waits for the reader
    static FetchUpstream open(
            int nodeId, Channel channel, Principal principal, Events events, MemoryBudget budget) {
        var upstream = new FetchUpstream(nodeId, events, budget);
        var stub =
                FetchServiceGrpc.newStub(channel)
                        .withInterceptors(ForwardHeaders.marking(principal));
        // Whoever's call this thread happens to serve must not end the stream with it.
        Context.ROOT.run(() -> stub.fetch(upstream));
        return upstream;
    }

    int nodeId() {
        return nodeId;
    }

    boolean isEmpty() {
        return subscriptions.isEmpty();
    }

    /// Goes on where the subscription stands, or begins it.
    void subscribe(FetchSubscription subscription) {
        int id = ++lastId;
        subscriptions.put(id, subscription);
        var start =
                subscription.isStarted()
                        ? StartPosition.newBuilder().setOffset(subscription.nextOffset()).build()
                        : subscription.start();
        var request =
                Subscribe.newBuilder()
                        .setSubscriptionId(id)
                        .setTopic(
                                TopicRef.newBuilder()
                                        .setId(TopicRefs.bytes(subscription.partition().topicId())))
                        .setPartition(subscription.partition().partition())
                        .setStart(start)
                        .setMaxBytes(subscription.bytesMax());
        subscription.leaderEpoch().ifPresent(request::setLeaderEpoch);
        send(FetchRequest.newBuilder().setSubscribe(request).build());
    }

    void unsubscribe(FetchSubscription subscription) {
        subscriptions
                .entrySet()
                .removeIf(
                        entry -> {
                            boolean isIt = entry.getValue() == subscription;
                            if (isIt) {
                                send(unsubscribe(entry.getKey()));
                            }
                            return isIt;
                        });
    }

    private static FetchRequest unsubscribe(int id) {
        return FetchRequest.newBuilder()
                .setUnsubscribe(Unsubscribe.newBuilder().setSubscriptionId(id))
                .build();
    }

    /// Lets the leader push, no more than the reader lets this node.
    void grant(long readerCreditBytes) {
        long wanted = Math.min(WINDOW_BYTES, readerCreditBytes);
        if (subscriptions.isEmpty() || grantedBytes > wanted / 2) {
            return;
        }
        long more = wanted - grantedBytes;
        grantedBytes += more;
        send(FetchRequest.newBuilder().setGrantBytes(more).build());
    }

    /// Keeps the message that came until it can be passed on.
    void hold(FetchResponse response) {
        grantedBytes -= response.getRecordBatches().size();
        held = response;
        heldBytes = response.getRecordBatches().size();
        budget.charge(heldBytes);
    }

    private void release() {
        held = null;
        budget.release(heldBytes);
        heldBytes = 0;
    }

    /// The message that is kept; `null` if there is none.
    @Nullable FetchResponse held() {
        return held;
    }

    /// The kept message is dealt with: the next may come.
    void next() {
        release();
        var stream = call;
        if (!isEnded && stream != null) {
            stream.request(1);
        }
    }

    /// Whom a message is for; `null`: somebody who left.
    @Nullable FetchSubscription subscription(FetchResponse response) {
        return subscriptions.get(response.getSubscriptionId());
    }

    /// The leader ended a subscription.
    void forget(FetchResponse response) {
        subscriptions.remove(response.getSubscriptionId());
    }

    /// The stream is over: the subscriptions that it served.
    List<FetchSubscription> takeAll() {
        isEnded = true;
        release();
        var left = List.copyOf(subscriptions.values());
        subscriptions.clear();
        return left;
    }

    void close() {
        release();
        var stream = call;
        if (!isEnded && stream != null) {
            isEnded = true;
            stream.cancel("the reader is done", null);
        }
    }

    private void send(FetchRequest request) {
        var stream = call;
        if (!isEnded && stream != null) {
            stream.onNext(request);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FetchRequest> stream) {
        call = stream;
        stream.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(FetchResponse response) {
        events.pushed(this, response);
    }

    @Override
    public void onError(Throwable cause) {
        events.ended(this, cause);
    }

    @Override
    public void onCompleted() {
        events.ended(this, new IllegalStateException("the node ended the stream"));
    }
}
