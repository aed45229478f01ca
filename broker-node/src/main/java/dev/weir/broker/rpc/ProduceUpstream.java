// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.UnsafeByteOperations;

import dev.weir.api.v1.Acks;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.TopicRef;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One produce stream to a leader, for one sender.
///
/// Nothing is given to it before the connection takes messages: what is not sent is known not to be
/// stored.
///
/// **Threading:** owned by the turns of its [ProduceLanes], which gets what the network says
/// through [Events].
final class ProduceUpstream implements ClientResponseObserver<ProduceRequest, ProduceResponse> {

    /// What a leader grants a forwarded stream before its first answer.
    static final long CREDIT_BYTES = 4 * 1024 * 1024;

    /// What the network says, on its thread.
    interface Events {

        void ready();

        void answered(ProduceUpstream upstream, ProduceResponse response);

        void ended(ProduceUpstream upstream, Throwable cause);
    }

    private final int nodeId;
    private final Events events;
    private final Map<Long, AwayBatch> open = new LinkedHashMap<>();
    private @Nullable ClientCallStreamObserver<ProduceRequest> call;
    private long creditBytes = CREDIT_BYTES;
    private long lastId;
    private boolean isEnded;

    private ProduceUpstream(int nodeId, Events events) {
        this.nodeId = nodeId;
        this.events = events;
    }

    /// Opens a stream.
    ///
    /// @param deadline of the whole stream; `null` for none
    static ProduceUpstream open(
            int nodeId,
            Channel channel,
            Principal principal,
            @Nullable Deadline deadline,
            Events events) {
        var upstream = new ProduceUpstream(nodeId, events);
        var stub =
                ProduceServiceGrpc.newStub(channel)
                        .withInterceptors(ForwardHeaders.marking(principal))
                        .withDeadline(deadline);
        // Whoever's call this thread happens to serve must not end the stream with it.
        Context.ROOT.run(() -> stub.produce(upstream));
        return upstream;
    }

    int nodeId() {
        return nodeId;
    }

    /// Sends a batch if the connection and the leader take it now.
    ///
    /// @return whether it was sent
    boolean trySend(AwayBatch batch, int leaderEpoch) {
        var stream = call;
        if (isEnded || stream == null || !stream.isReady()) {
            return false;
        }
        var request = request(batch, leaderEpoch, lastId + 1);
        int size = request.getSerializedSize();
        if (size > creditBytes) {
            return false;
        }
        creditBytes -= size;
        open.put(++lastId, batch);
        stream.onNext(request);
        return true;
    }

    private static ProduceRequest request(AwayBatch batch, int leaderEpoch, long id) {
        return ProduceRequest.newBuilder()
                .setRequestId(id)
                .setTopic(TopicRef.newBuilder().setId(TopicRefs.bytes(batch.partition.topicId())))
                .setPartition(batch.partition.partition())
                .setAcks(acks(batch))
                .setLeaderEpoch(leaderEpoch)
                .setRecordBatch(UnsafeByteOperations.unsafeWrap(batch.batch.duplicate()))
                .build();
    }

    /// Who wants no answer gets none; this node needs one, to know when to forget the batch.
    private static Acks acks(AwayBatch batch) {
        return switch (batch.acks) {
            case ALL -> Acks.ACKS_ALL;
            case LEADER, NONE -> Acks.ACKS_LEADER;
        };
    }

    /// An answer's batch, which is open no more; `null` if it is known no more.
    @Nullable AwayBatch take(ProduceResponse response) {
        creditBytes += response.getCreditBytes();
        return open.remove(response.getRequestId());
    }

    /// Waits no more for a batch's answer.
    void forget(AwayBatch batch) {
        open.values().remove(batch);
    }

    /// The batches without an answer, in the order sent; the stream is over.
    List<AwayBatch> takeOpen() {
        isEnded = true;
        var left = new ArrayList<>(open.values());
        open.clear();
        return left;
    }

    /// Sends no more; nothing more of it is of interest.
    void close() {
        var stream = call;
        if (!isEnded && stream != null) {
            isEnded = true;
            stream.cancel("the sender is done", null);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ProduceRequest> stream) {
        call = stream;
        stream.setOnReadyHandler(events::ready);
    }

    @Override
    public void onNext(ProduceResponse response) {
        events.answered(this, response);
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
