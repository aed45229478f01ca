// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.DescribeTopicResponse;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.InitProducerRequest;
import dev.weir.api.v1.InitProducerResponse;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.ServerLimits;
import dev.weir.api.v1.TopicDescription;
import dev.weir.record.RecordBatch;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;

/// A node written by hand: the real wire over loopback, logs in memory that survive [#kill] and
/// [#start], and a say in what becomes of each request.
final class FakeNode implements AutoCloseable {

    /// What to do with a produce request.
    enum Reaction {
        ACCEPT,
        /// Append, then cut the stream instead of answering.
        APPEND_THEN_CUT,
        /// Cut the stream and append nothing.
        CUT,
        /// Say nothing, ever.
        IGNORE,
        /// NOT_ENOUGH_REPLICAS, with a delay to wait.
        NOT_NOW,
        /// CORRUPT_BATCH.
        NEVER,
        /// NOT_LEADER, in the epoch of [#leaderEpoch].
        NOT_LEADER
    }

    /// A request as it came.
    record Seen(long producerId, int epoch, int baseSequence, int partition) {}

    final Map<String, List<FakePartition>> topics = new ConcurrentHashMap<>();
    final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    final AtomicInteger overruns = new AtomicInteger();
    final AtomicLong nextProducerId = new AtomicLong(1_000);
    final AtomicInteger nextEpoch = new AtomicInteger();
    final FakeFetchService fetch = new FakeFetchService(this);
    volatile Function<ProduceRequest, Reaction> reaction = _ -> Reaction.ACCEPT;

    /// Whom descriptions name; empty: this node.
    volatile String leaderAddress = "";

    volatile int leaderEpoch;
    volatile boolean hasLeader = true;
    final AtomicInteger described = new AtomicInteger();
    final AtomicInteger askedWho = new AtomicInteger();
    final Queue<String> describedNames = new ConcurrentLinkedQueue<>();
    volatile long creditBytes = 4L * 1024 * 1024;
    private volatile Server server;
    private int port;

    FakeNode() throws IOException {
        start();
    }

    void start() throws IOException {
        server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .addService(new Metadata())
                        .addService(new Produce())
                        .addService(fetch)
                        .build()
                        .start();
        port = server.getPort();
    }

    /// Cuts every connection; nothing more is answered.
    void kill() {
        try {
            server.shutdownNow().awaitTermination();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    void createTopic(String name, int partitions) {
        topics.put(
                name, IntStream.range(0, partitions).mapToObj(_ -> new FakePartition()).toList());
    }

    FakePartition partition(String topic, int partition) {
        return topics.get(topic).get(partition);
    }

    static com.google.rpc.Status status(Status.Code code, String reason, long retryDelayMs) {
        var status =
                com.google.rpc.Status.newBuilder()
                        .setCode(code.value())
                        .setMessage(reason + ", says the fake")
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setDomain("weir")
                                                .setReason(reason)
                                                .putMetadata("who", "fake")
                                                .build()));
        if (retryDelayMs > 0) {
            status.addDetails(
                    Any.pack(
                            RetryInfo.newBuilder()
                                    .setRetryDelay(
                                            com.google.protobuf.Duration.newBuilder()
                                                    .setNanos((int) retryDelayMs * 1_000_000))
                                    .build()));
        }
        return status.build();
    }

    static com.google.rpc.Status notLeader(int epoch) {
        return com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.FAILED_PRECONDITION.value())
                .setMessage("not the leader, says the fake")
                .addDetails(
                        Any.pack(
                                ErrorInfo.newBuilder()
                                        .setDomain("weir")
                                        .setReason("NOT_LEADER")
                                        .putMetadata("epoch", String.valueOf(epoch))
                                        .build()))
                .build();
    }

    private static PartitionDescription highWatermark(FakePartition partition) {
        return PartitionDescription.newBuilder().setHighWatermark(partition.endOffset()).build();
    }

    private final class Metadata extends MetadataServiceGrpc.MetadataServiceImplBase {

        @Override
        public void getServerInfo(
                GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> answer) {
            askedWho.incrementAndGet();
            answer.onNext(
                    GetServerInfoResponse.newBuilder()
                            .setClusterId("fake")
                            .setLimits(
                                    ServerLimits.newBuilder()
                                            .setInitialProduceCreditBytes(creditBytes))
                            .build());
            answer.onCompleted();
        }

        @Override
        public void describeTopic(
                DescribeTopicRequest request, StreamObserver<DescribeTopicResponse> answer) {
            described.incrementAndGet();
            var name = request.getTopic().getName();
            describedNames.add(name);
            var partitions = topics.get(name);
            if (partitions == null) {
                answer.onError(
                        StatusProto.toStatusRuntimeException(
                                status(Status.Code.NOT_FOUND, "UNKNOWN_TOPIC_OR_PARTITION", 0)));
                return;
            }
            var topic =
                    TopicDescription.newBuilder()
                            .setName(name)
                            .setId(ByteString.copyFrom(new byte[16]));
            for (int i = 0; i < partitions.size(); i++) {
                topic.addPartitions(
                        PartitionDescription.newBuilder()
                                .setPartition(i)
                                .setLeader(1)
                                .setLeaderAddress(
                                        !hasLeader
                                                ? ""
                                                : leaderAddress.isEmpty()
                                                        ? address()
                                                        : leaderAddress)
                                .setLeaderEpoch(leaderEpoch)
                                .addReplicas(1)
                                .addIsr(1)
                                // A node knows the ends of what it leads.
                                .mergeFrom(
                                        leaderAddress.isEmpty()
                                                ? highWatermark(partitions.get(i))
                                                : PartitionDescription.getDefaultInstance()));
            }
            answer.onNext(
                    DescribeTopicResponse.newBuilder()
                            .setTopic(topic)
                            .setMetadataOffset(7)
                            .build());
            answer.onCompleted();
        }
    }

    private final class Produce extends ProduceServiceGrpc.ProduceServiceImplBase {

        @Override
        public void initProducer(
                InitProducerRequest request, StreamObserver<InitProducerResponse> answer) {
            var response =
                    request.hasProducerId()
                            ? InitProducerResponse.newBuilder()
                                    .setProducerId(request.getProducerId())
                                    .setProducerEpoch(nextEpoch.incrementAndGet())
                            : InitProducerResponse.newBuilder()
                                    .setProducerId(nextProducerId.getAndIncrement());
            answer.onNext(response.build());
            answer.onCompleted();
        }

        @Override
        public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> answers) {
            return new StreamObserver<>() {
                private long left = creditBytes;
                private boolean isCut;

                @Override
                public void onNext(ProduceRequest request) {
                    if (isCut) {
                        return;
                    }
                    left -= request.getSerializedSize();
                    if (left < 0) {
                        overruns.incrementAndGet();
                    }
                    var batch = RecordBatch.at(request.getRecordBatch().asReadOnlyByteBuffer(), 0);
                    seen.add(
                            new Seen(
                                    batch.producerId(),
                                    batch.producerEpoch(),
                                    batch.baseSequence(),
                                    request.getPartition()));
                    var reaction = FakeNode.this.reaction.apply(request);
                    switch (reaction) {
                        case ACCEPT -> append(request, true);
                        case APPEND_THEN_CUT -> {
                            append(request, false);
                            cut();
                        }
                        case CUT -> cut();
                        case IGNORE -> {}
                        case NOT_NOW ->
                                refuse(
                                        request,
                                        status(Status.Code.UNAVAILABLE, "NOT_ENOUGH_REPLICAS", 5));
                        case NOT_LEADER -> refuse(request, notLeader(leaderEpoch));
                        case NEVER ->
                                refuse(
                                        request,
                                        status(Status.Code.INVALID_ARGUMENT, "CORRUPT_BATCH", 0));
                    }
                }

                private void cut() {
                    isCut = true;
                    answers.onError(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
                }

                private void append(ProduceRequest request, boolean isAnswered) {
                    try {
                        var appended =
                                partition(request.getTopic().getName(), request.getPartition())
                                        .append(request.getRecordBatch().toByteArray());
                        var receipt =
                                Receipt.newBuilder()
                                        .setBaseOffset(appended.baseOffset())
                                        .setDuplicate(appended.isDuplicate())
                                        .setDurabilityValue(3)
                                        .addReplicas(1)
                                        .addDurableReplicas(1);
                        if (isAnswered) {
                            answer(request, ProduceResponse.newBuilder().addReceipts(receipt));
                        }
                    } catch (FakePartition.RefusedException e) {
                        refuse(request, status(Status.Code.FAILED_PRECONDITION, e.getMessage(), 0));
                    }
                }

                private void refuse(ProduceRequest request, com.google.rpc.Status error) {
                    answer(request, ProduceResponse.newBuilder().setError(error));
                }

                private void answer(ProduceRequest request, ProduceResponse.Builder response) {
                    int credit = request.getSerializedSize();
                    left += credit;
                    boolean isSilent =
                            request.getAcks() == dev.weir.api.v1.Acks.ACKS_NONE
                                    && !response.hasError();
                    answers.onNext(
                            isSilent
                                    ? ProduceResponse.newBuilder().setCreditBytes(credit).build()
                                    : response.setRequestId(request.getRequestId())
                                            .setCreditBytes(credit)
                                            .build());
                }

                @Override
                public void onError(Throwable t) {
                    isCut = true;
                }

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }
}
