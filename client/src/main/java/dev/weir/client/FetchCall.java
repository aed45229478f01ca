// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.Subscribe;
import dev.weir.api.v1.Unsubscribe;
import dev.weir.client.core.GrantLedger;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/// One fetch stream to one node. Methods are the reader's; what the node says is posted from the
/// connection's event loop. What waits in the queue is bounded by the credit granted.
final class FetchCall implements ClientResponseObserver<FetchRequest, FetchResponse> {

    /// What a node said.
    sealed interface Event {

        FetchCall call();

        record Pushed(FetchCall call, FetchResponse response) implements Event {}

        record Ended(FetchCall call, ClientException failure) implements Event {}
    }

    private final String node;
    private final Queue<Event> events;
    private final GrantLedger grants;
    private @Nullable ClientCallStreamObserver<FetchRequest> requests;
    private boolean isEnded;

    /// When the node said something last, or was last asked whether it is there.
    private volatile long heardAtNs = System.nanoTime();

    private final AtomicBoolean isAsked = new AtomicBoolean();

    FetchCall(String node, ManagedChannel channel, long creditBytes, Queue<Event> events) {
        this.node = node;
        this.events = events;
        this.grants = new GrantLedger(creditBytes);
        channel.resetConnectBackoff();
        var _ = FetchServiceGrpc.newStub(channel).fetch(this);
        send(FetchRequest.newBuilder().setGrantBytes(grants.initialBytes()).build());
    }

    String node() {
        return node;
    }

    /// Any thread.
    long heardAtNs() {
        return heardAtNs;
    }

    /// @return whether none was open
    boolean beginQuestion() {
        return isAsked.compareAndSet(false, true);
    }

    /// Any thread: the node answered, or did not; the next question has time.
    void endQuestion() {
        heardAtNs = System.nanoTime();
        isAsked.set(false);
    }

    void subscribe(Subscribe subscribe) {
        send(FetchRequest.newBuilder().setSubscribe(subscribe).build());
    }

    void unsubscribe(int subscriptionId) {
        send(
                FetchRequest.newBuilder()
                        .setUnsubscribe(Unsubscribe.newBuilder().setSubscriptionId(subscriptionId))
                        .build());
    }

    /// Says that pushed bytes were taken, so that as many may follow.
    void consumed(long bytes) {
        long granted = grants.consumed(bytes);
        if (granted > 0) {
            send(FetchRequest.newBuilder().setGrantBytes(granted).build());
        }
    }

    /// The reader knows that it ended: nothing is sent any more.
    void ended() {
        isEnded = true;
    }

    void cancel() {
        isEnded = true;
        if (requests != null) {
            requests.cancel("reader closed", null);
        }
    }

    private void send(FetchRequest request) {
        if (!isEnded && requests != null) {
            requests.onNext(request);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FetchRequest> requestStream) {
        requests = requestStream;
    }

    @Override
    public void onNext(FetchResponse response) {
        heardAtNs = System.nanoTime();
        events.add(new Event.Pushed(this, response));
    }

    @Override
    public void onError(Throwable t) {
        events.add(new Event.Ended(this, StatusMapping.toException(t)));
    }

    @Override
    public void onCompleted() {
        events.add(
                new Event.Ended(
                        this,
                        new ClientException.Unreachable(
                                node + " ended the stream", new IllegalStateException("ended"))));
    }
}
