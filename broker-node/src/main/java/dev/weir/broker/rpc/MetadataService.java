// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.DescribeClusterRequest;
import dev.weir.api.v1.DescribeClusterResponse;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.DescribeQuorumResponse;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.DescribeTopicResponse;
import dev.weir.api.v1.GetMetadataRequest;
import dev.weir.api.v1.GetMetadataResponse;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.ListTopicsRequest;
import dev.weir.api.v1.ListTopicsResponse;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.QuorumVoter;
import dev.weir.api.v1.WatchMetadataRequest;
import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.TopicName;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// `weir.v1.MetadataService`.
final class MetadataService extends MetadataServiceGrpc.MetadataServiceImplBase {

    /// Watches at a time: each keeps a bounded queue.
    static final int WATCHES_MAX = 1_000;

    private final MetadataContext context;
    private final ServerIdentity identity;
    private final TopicViews topics;
    private final UnaryCalls calls;
    private final AtomicInteger watches = new AtomicInteger();

    MetadataService(MetadataContext context, ServerIdentity identity, TopicViews topics) {
        this.context = context;
        this.identity = identity;
        this.topics = topics;
        this.calls = new UnaryCalls("metadata", context.pool(), context.meters());
    }

    @Override
    public void getServerInfo(
            GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    requireDescribe();
                    return CompletableFuture.completedStage(identity.info(context.limits()));
                });
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    requireDescribe();
                    return image(request.hasMinMetadataOffset(), request.getMinMetadataOffset())
                            .thenApply(image -> listing(image, request.getIncludeInternal()));
                });
    }

    private static ListTopicsResponse listing(ClusterImage image, boolean includeInternal) {
        var response = ListTopicsResponse.newBuilder().setMetadataOffset(image.offset());
        for (var id : image.topics().idByName().values()) {
            image.topics()
                    .topic(id)
                    .filter(topic -> includeInternal || !TopicName.isInternal(topic.name()))
                    .ifPresent(topic -> response.addTopics(ImageViews.listing(topic)));
        }
        return response.build();
    }

    @Override
    public void describeTopic(
            DescribeTopicRequest request, StreamObserver<DescribeTopicResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    var principal = CallGuard.caller();
                    return image(request.hasMinMetadataOffset(), request.getMinMetadataOffset())
                            .thenApply(
                                    image ->
                                            DescribeTopicResponse.newBuilder()
                                                    .setTopic(
                                                            topics.described(
                                                                    image,
                                                                    request.getTopic(),
                                                                    principal))
                                                    .setMetadataOffset(image.offset())
                                                    .build());
                });
    }

    @Override
    public void describeCluster(
            DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    requireDescribe();
                    return image(request.hasMinMetadataOffset(), request.getMinMetadataOffset())
                            .thenApply(this::cluster);
                });
    }

    private DescribeClusterResponse cluster(ClusterImage image) {
        var response =
                DescribeClusterResponse.newBuilder()
                        .setClusterId(identity.clusterId().toString())
                        .setMetadataOffset(image.offset())
                        .setFeatureLevel(ImageViews.featureLevel(image));
        context.metadata().status().leaderId().ifPresent(response::setControllerId);
        image.brokers().all().forEach(broker -> response.addBrokers(ImageViews.broker(broker)));
        return response.build();
    }

    @Override
    public void describeQuorum(
            DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    requireDescribe();
                    return CompletableFuture.completedStage(quorum());
                });
    }

    private DescribeQuorumResponse quorum() {
        var status = context.metadata().status();
        var response =
                DescribeQuorumResponse.newBuilder()
                        .setTerm(status.term())
                        .setCommittedIndex(status.commitIndex())
                        .setAppliedIndex(status.appliedIndex());
        status.leaderId().ifPresent(response::setLeaderId);
        for (var voter : status.voters()) {
            var view =
                    QuorumVoter.newBuilder()
                            .setNodeId(voter.nodeId())
                            .setPeerId(voter.nodeId() + "-" + voter.directoryId())
                            .setAddress(voter.address());
            if (voter.nodeId() == status.nodeId()) {
                view.setMatchIndex(status.appliedIndex());
            }
            response.addVoters(view);
        }
        return response.build();
    }

    @Override
    public void getMetadata(
            GetMetadataRequest request, StreamObserver<GetMetadataResponse> answer) {
        calls.answer(
                answer,
                () -> {
                    requireDescribe();
                    return image(request.hasMinMetadataOffset(), request.getMinMetadataOffset())
                            .thenCompose(
                                    image ->
                                            request.hasAtOffset()
                                                    ? at(request.getAtOffset())
                                                    : CompletableFuture.completedStage(image))
                            .thenApplyAsync(this::metadata, context.pool());
                });
    }

    private GetMetadataResponse metadata(ClusterImage image) {
        return GetMetadataResponse.newBuilder()
                .setMetadataOffset(image.offset())
                .setImage(ImageViews.image(image, identity.clusterId()))
                .build();
    }

    private CompletionStage<ClusterImage> at(long offset) {
        if (offset < 0) {
            throw new ApiException(ApiError.badField("at_offset", "must be 0 or more"));
        }
        return context.metadata().imageAt(offset).thenApply(past -> shown(past, offset));
    }

    private static ClusterImage shown(ImageAt past, long offset) {
        return switch (past) {
            case ImageAt.Found(var image) -> image;
            case ImageAt.Unavailable(var earliest, var latest) ->
                    throw new ApiException(
                            ApiError.of(
                                            ErrorReason.METADATA_OFFSET_UNAVAILABLE,
                                            "metadata offset "
                                                    + offset
                                                    + " cannot be shown; offsets "
                                                    + earliest
                                                    + " to "
                                                    + latest
                                                    + " can")
                                    .with("earliest", earliest)
                                    .with("latest", latest));
        };
    }

    @Override
    public void watchMetadata(
            WatchMetadataRequest request, StreamObserver<WatchMetadataResponse> answer) {
        try {
            requireDescribe();
            if (request.hasAfterOffset() && request.getAfterOffset() < 0) {
                throw new ApiException(ApiError.badField("after_offset", "must be 0 or more"));
            }
            if (watches.incrementAndGet() > WATCHES_MAX) {
                watches.decrementAndGet();
                throw new ApiException(
                        ApiError.of(
                                        ErrorReason.WATCH_LIMIT,
                                        "this node serves " + WATCHES_MAX + " watches already")
                                .violating("watches", "at most " + WATCHES_MAX + " a node"));
            }
        } catch (ApiException e) {
            calls.refuse(answer, e.error());
            return;
        }
        var after =
                request.hasAfterOffset()
                        ? OptionalLong.of(request.getAfterOffset())
                        : OptionalLong.empty();
        var call = (ServerCallStreamObserver<WatchMetadataResponse>) answer;
        new WatchStream(context, identity.clusterId(), call, watches::decrementAndGet).start(after);
    }

    private void requireDescribe() {
        context.access().requireCluster(CallGuard.caller(), Operation.DESCRIBE);
    }

    /// The newest image, or the first one that is new enough.
    private CompletionStage<ClusterImage> image(boolean hasMinimum, long minimum) {
        if (!hasMinimum || minimum <= context.metadata().image().offset()) {
            return CompletableFuture.completedStage(context.metadata().image());
        }
        // A little earlier than the caller gives up, so that he hears why.
        long waitMs = Math.max(1, UnaryCalls.timeLeft().toMillis() * 9 / 10);
        return context.metadata()
                .imageAtLeast(minimum)
                .toCompletableFuture()
                .orTimeout(waitMs, TimeUnit.MILLISECONDS)
                .exceptionally(failure -> notReached(minimum, failure));
    }

    private ClusterImage notReached(long minimum, Throwable failure) {
        long offset = context.metadata().image().offset();
        if (failure instanceof TimeoutException) {
            throw new ApiException(
                    ApiError.of(
                                    ErrorReason.METADATA_OFFSET_NOT_REACHED,
                                    "this node's metadata is at offset "
                                            + offset
                                            + ", not yet at "
                                            + minimum)
                            .with("latest", offset));
        }
        throw new ApiException(StreamEnds.stopping());
    }
}
