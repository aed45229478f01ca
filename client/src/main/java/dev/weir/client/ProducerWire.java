// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.UnsafeByteOperations;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.DescribeTopicResponse;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.InitProducerRequest;
import dev.weir.api.v1.InitProducerResponse;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.client.core.PartitionId;
import dev.weir.client.core.ProducerEffect;
import dev.weir.client.core.ProducerIdentity;

import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A producer's streams and calls. Everything here runs on the sender thread, but the observers,
/// which run on the connection's event loop and only post.
final class ProducerWire implements SenderLoop.Wire {

    /// A node that does not say within this who leads is not worth waiting for.
    private static final long LOOKUP_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

    private final Nodes nodes;
    private final Duration requestTimeout;
    private final dev.weir.api.v1.Acks acks;
    private final Listener listener;
    private final Map<Long, ProduceCall> calls = new HashMap<>();
    private final LeaderEpochs epochs = new LeaderEpochs();
    private final Set<String> topics = new HashSet<>();

    /// Is told what was learnt of topics.
    interface Listener {

        /// A topic has these partitions. Event loops.
        void described(DescribeTopicResponse topic);

        /// A node knows no topic of that name, and nothing waits to be sent to it. The sender
        /// thread.
        ///
        /// @return whether nothing is kept for it any more
        boolean forget(String topic);
    }

    /// @param listener told what was learnt of topics
    ProducerWire(Nodes nodes, Duration requestTimeout, Acks acks, Listener listener) {
        this.nodes = nodes;
        this.requestTimeout = requestTimeout;
        this.listener = listener;
        this.acks =
                switch (acks) {
                    case ALL -> dev.weir.api.v1.Acks.ACKS_ALL;
                    case LEADER -> dev.weir.api.v1.Acks.ACKS_LEADER;
                    case NONE -> dev.weir.api.v1.Acks.ACKS_NONE;
                };
    }

    @Override
    public void send(SenderLoop loop, ProducerEffect.Send<SendCallback> send) {
        var batch = send.batch().bytes();
        var request =
                ProduceRequest.newBuilder()
                        .setRequestId(send.requestId())
                        .setTopic(Descriptions.topicRef(send.partition().topic()))
                        .setPartition(send.partition().partition())
                        .setAcks(acks)
                        // Not copied: the array stays as it is until the batch is answered.
                        .setRecordBatch(UnsafeByteOperations.unsafeWrap(batch))
                        .build();
        loop.sent(send.streamId(), send.partition(), batch.limit(), request.getSerializedSize());
        var call = calls.get(send.streamId());
        if (call != null) {
            call.send(request, send.partition());
        }
    }

    @Override
    public void openStream(SenderLoop loop, String node, long streamId) {
        var call = new ProduceCall(loop, node, streamId);
        calls.put(streamId, call);
        call.open();
    }

    @Override
    public void endStream(long streamId) {
        var call = calls.remove(streamId);
        if (call != null) {
            call.cancel();
        }
    }

    @Override
    public void suspect(String node) {
        nodes.suspect(node);
    }

    @Override
    public void takeIdentity(SenderLoop loop, ProducerEffect.TakeIdentity<SendCallback> take) {
        var request = InitProducerRequest.newBuilder();
        var last = take.last();
        if (last != null) {
            request.setProducerId(last.producerId()).setProducerEpoch(last.producerEpoch());
        }
        var address = nodes.anyAddress();
        var stub = withDeadline(ProduceServiceGrpc.newStub(nodes.channel(address)));
        stub.initProducer(
                request.build(),
                new Answer<InitProducerResponse>() {
                    @Override
                    void succeeded(InitProducerResponse given) {
                        var identity =
                                new ProducerIdentity(
                                        given.getProducerId(), (short) given.getProducerEpoch());
                        loop.post((core, nowNs) -> core.onIdentity(identity, nowNs));
                    }

                    @Override
                    void failed(ClientException failure) {
                        var refusal = refusal(address, failure);
                        loop.post((core, nowNs) -> core.onIdentityRefused(refusal, nowNs));
                    }
                });
    }

    @Override
    public void findLeaders(SenderLoop loop, String topic) {
        topics.add(topic);
        var address = nodes.anyAddress();
        var channel = nodes.channel(address);
        channel.resetConnectBackoff();
        var request =
                DescribeTopicRequest.newBuilder().setTopic(Descriptions.topicRef(topic)).build();
        MetadataServiceGrpc.newStub(channel)
                .withDeadlineAfter(lookupTimeoutNs(), TimeUnit.NANOSECONDS)
                .describeTopic(
                        request,
                        new Answer<DescribeTopicResponse>() {
                            @Override
                            void succeeded(DescribeTopicResponse response) {
                                listener.described(response);
                                postLeaders(loop, response);
                            }

                            @Override
                            void failed(ClientException failure) {
                                var refusal = refusal(address, failure);
                                boolean isUnknown = StatusMapping.isUnknownTopic(failure);
                                loop.post(
                                        (core, nowNs) -> {
                                            if (isUnknown && !core.hasBatches(topic)) {
                                                forget(topic);
                                            }
                                            return core.onLeadersUnknown(topic, refusal, nowNs);
                                        });
                            }
                        });
    }

    /// A topic that is gone is not asked for with every connection that comes back. If it was not
    /// gone, it is described again when something is sent to it.
    private void forget(String topic) {
        if (listener.forget(topic)) {
            topics.remove(topic);
            epochs.forget(topic);
        }
    }

    /// Asks again who leads what: a node that could not be reached is back.
    ///
    /// @return undoes it
    Runnable followReachability(SenderLoop loop) {
        return nodes.whenReachable(
                () ->
                        loop.post(
                                (_, _) -> {
                                    Set.copyOf(topics).forEach(topic -> findLeaders(loop, topic));
                                    return List.of();
                                }));
    }

    /// Tells the core what a description says of leaders, and how they are reached. One that is
    /// older than what was heard already says nothing.
    void postLeaders(SenderLoop loop, DescribeTopicResponse response) {
        var topic = response.getTopic();
        var leaders = new LinkedHashMap<PartitionId, String>();
        boolean areAll = true;
        for (var partition : topic.getPartitionsList()) {
            var id = new PartitionId(topic.getName(), partition.getPartition());
            boolean isNewest =
                    epochs.described(
                            topic.getName(),
                            topic.getId(),
                            partition.getPartition(),
                            partition.getLeaderEpoch());
            boolean hasLeader = !partition.getLeaderAddress().isEmpty();
            areAll &= isNewest && hasLeader;
            if (isNewest) {
                // While nobody leads, a node waits for the leader better than this client could: it
                // sees the election as it happens.
                var leader = partition.getLeaderAddress();
                leaders.put(id, hasLeader ? nodes.route(leader) : nodes.anyAddress());
            }
        }
        boolean isComplete = areAll;
        loop.post((core, nowNs) -> core.onLeaders(topic.getName(), leaders, isComplete, nowNs));
    }

    private @Nullable RuntimeException refusal(String address, ClientException failure) {
        if (failure instanceof ClientException.Unreachable) {
            nodes.failed(address);
        } else if (StatusMapping.isOfTheNode(failure)) {
            nodes.next(address);
        }
        return StatusMapping.canRetry(failure) ? null : failure;
    }

    private <S extends AbstractStub<S>> S withDeadline(S stub) {
        return stub.withDeadlineAfter(requestTimeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private long lookupTimeoutNs() {
        return Math.min(requestTimeout.toNanos(), LOOKUP_TIMEOUT_NS);
    }

    /// One answer or one failure.
    private abstract static class Answer<T> implements StreamObserver<T> {

        abstract void succeeded(T response);

        abstract void failed(ClientException failure);

        @Override
        public void onNext(T value) {
            succeeded(value);
        }

        @Override
        public void onError(Throwable t) {
            failed(StatusMapping.toException(t));
        }

        @Override
        public void onCompleted() {
            // The answer came before.
        }
    }

    /// One produce stream. Opened after the node has named its limits, which shows too that it is
    /// there.
    private final class ProduceCall
            implements ClientResponseObserver<ProduceRequest, ProduceResponse> {

        private final SenderLoop loop;
        private final String node;
        private final long streamId;
        private final Map<Long, PartitionId> unanswered = new ConcurrentHashMap<>();
        private volatile @Nullable ClientCallStreamObserver<ProduceRequest> requests;
        private volatile boolean isCancelled;

        ProduceCall(SenderLoop loop, String node, long streamId) {
            this.loop = loop;
            this.node = node;
            this.streamId = streamId;
        }

        void open() {
            var channel = nodes.channel(node);
            channel.resetConnectBackoff();
            MetadataServiceGrpc.newStub(channel)
                    .withDeadlineAfter(lookupTimeoutNs(), TimeUnit.NANOSECONDS)
                    .getServerInfo(
                            GetServerInfoRequest.getDefaultInstance(),
                            new Answer<GetServerInfoResponse>() {
                                @Override
                                void succeeded(GetServerInfoResponse info) {
                                    long creditBytes =
                                            info.getLimits().getInitialProduceCreditBytes();
                                    if (!isCancelled) {
                                        var _ =
                                                ProduceServiceGrpc.newStub(channel)
                                                        .produce(ProduceCall.this);
                                        loop.post(
                                                (core, nowNs) ->
                                                        core.onStreamOpened(
                                                                streamId, creditBytes, nowNs));
                                    }
                                }

                                @Override
                                void failed(ClientException failure) {
                                    ended(failure);
                                }
                            });
        }

        void send(ProduceRequest request, PartitionId partition) {
            var stream = requests;
            if (stream != null) {
                if (acks != dev.weir.api.v1.Acks.ACKS_NONE) {
                    unanswered.put(request.getRequestId(), partition);
                }
                stream.onNext(request);
            }
        }

        void cancel() {
            isCancelled = true;
            var stream = requests;
            if (stream != null) {
                stream.cancel("given up", null);
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ProduceRequest> requestStream) {
            requests = requestStream;
        }

        @Override
        public void onNext(ProduceResponse response) {
            boolean isAboutRequest = response.hasError() || response.getReceiptsCount() > 0;
            var partition = unanswered.remove(response.getRequestId());
            var outcome = isAboutRequest ? ProduceOutcomes.of(response) : null;
            if (partition != null && outcome != null) {
                ProduceOutcomes.wrongLeaderEpoch(outcome)
                        .ifPresent(
                                epoch ->
                                        epochs.refused(
                                                partition.topic(), partition.partition(), epoch));
            }
            loop.post(
                    (core, nowNs) ->
                            core.onAnswer(
                                    streamId,
                                    response.getRequestId(),
                                    outcome,
                                    response.getCreditBytes(),
                                    nowNs));
        }

        @Override
        public void onError(Throwable t) {
            ended(StatusMapping.toException(t));
        }

        @Override
        public void onCompleted() {
            ended(
                    new ClientException.Unreachable(
                            node + " ended the stream", new IllegalStateException("ended")));
        }

        private void ended(ClientException failure) {
            if (failure instanceof ClientException.Unreachable) {
                nodes.failed(node);
            }
            loop.post(
                    (core, nowNs) -> {
                        calls.remove(streamId);
                        return core.onStreamEnded(streamId, failure, nowNs);
                    });
        }
    }
}
