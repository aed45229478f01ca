// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.MetadataFeedServiceGrpc;
import dev.weir.api.internal.v1.QuorumView;
import dev.weir.api.internal.v1.ReadPastImageRequest;
import dev.weir.api.internal.v1.ReadPastImageResponse;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.metadata.MetadataException;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.quorum.QuorumStatus;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.watch.ImageListener;
import dev.weir.metadata.watch.ImagePublisher;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.Subscription;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;

/// The metadata of a broker that does not vote: fed by one voter at a time. The past is a voter's
/// too.
///
/// **Threading:** any thread; images are published on the feed's own.
public final class FedMetadataSource implements MetadataSource, AutoCloseable {

    private static final UUID NO_DIRECTORY = new UUID(0, 0);
    private static final long PAST_MS = 20_000;

    private final UUID clusterId;
    private final int nodeId;
    private final ImagePublisher publisher = new ImagePublisher();
    private final MetadataFeedClient feed;
    private final RemoteControllerGateway gateway;
    private volatile QuorumView view = QuorumView.getDefaultInstance();

    /// @param bootstrap internal addresses of nodes, to begin with; not empty
    /// @param opened opens a connection to an address for its caller alone
    /// @param channels the shared connection to a node's internal listener; null for an unknown one
    public FedMetadataSource(
            UUID clusterId,
            int nodeId,
            List<Endpoint> bootstrap,
            Function<Endpoint, ManagedChannel> opened,
            IntFunction<@Nullable Channel> channels) {
        this.clusterId = clusterId;
        this.nodeId = nodeId;
        this.gateway =
                new RemoteControllerGateway(
                        new ControllerAccess(
                                nodeId, null, this::leader, channels, publisher::imageAtLeast));
        this.feed = new MetadataFeedClient(nodeId, bootstrap, opened, new Published());
    }

    /// Begins to be fed.
    public void start() {
        feed.start();
    }

    /// The quorum's leader, as the voter that feeds believes.
    public OptionalInt leader() {
        var newest = view;
        return newest.hasLeaderId() ? OptionalInt.of(newest.getLeaderId()) : OptionalInt.empty();
    }

    @Override
    public ClusterImage image() {
        return publisher.image();
    }

    @Override
    public CompletionStage<ClusterImage> imageAtLeast(long offset) {
        return publisher.imageAtLeast(offset);
    }

    @Override
    public Subscription subscribe(ImageListener listener) {
        return publisher.subscribe(listener);
    }

    @Override
    public MetadataWatch watch(OptionalLong fromOffset, Runnable signal) {
        return publisher.watch(fromOffset, signal);
    }

    @Override
    public ControllerGateway gateway() {
        return gateway;
    }

    @Override
    public QuorumStatus status() {
        var newest = view;
        return new QuorumStatus(
                clusterId,
                nodeId,
                NO_DIRECTORY,
                QuorumStatus.Role.OUT,
                leader(),
                newest.getTerm(),
                newest.getCommittedIndex(),
                image().offset(),
                image().offset(),
                false,
                true,
                newest.getVotersList().stream()
                        .map(
                                voter ->
                                        new QuorumStatus.VoterStatus(
                                                voter.getNodeId(),
                                                WireValues.id(voter.getDirectoryId()),
                                                voter.getAddress()))
                        .toList());
    }

    @Override
    public CompletionStage<ImageAt> imageAt(long offset) {
        var answer = new CompletableFuture<ImageAt>();
        var channel = feed.channel();
        if (channel == null) {
            answer.completeExceptionally(
                    Status.UNAVAILABLE
                            .withDescription("no voter feeds this node now")
                            .asRuntimeException());
            return answer;
        }
        MetadataFeedServiceGrpc.newStub(channel)
                .withDeadlineAfter(PAST_MS, TimeUnit.MILLISECONDS)
                .readPastImage(
                        ReadPastImageRequest.newBuilder().setAtOffset(offset).build(),
                        new Past(answer));
        return answer;
    }

    @Override
    public void close() {
        gateway.close();
        feed.close();
        publisher.close();
    }

    /// Puts a past image together.
    private static final class Past implements StreamObserver<ReadPastImageResponse> {

        private final CompletableFuture<ImageAt> answer;
        private final ImageStreams.Assembly assembly = new ImageStreams.Assembly();

        private Past(CompletableFuture<ImageAt> answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(ReadPastImageResponse response) {
            try {
                switch (response.getAnswerCase()) {
                    case IMAGE ->
                            assembly.add(response.getImage())
                                    .ifPresent(image -> answer.complete(new ImageAt.Found(image)));
                    case UNAVAILABLE ->
                            answer.complete(
                                    new ImageAt.Unavailable(
                                            response.getUnavailable().getEarliest(),
                                            response.getUnavailable().getLatest()));
                    case ANSWER_NOT_SET -> {}
                }
            } catch (MetadataException e) {
                answer.completeExceptionally(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            answer.completeExceptionally(
                    Status.INTERNAL
                            .withDescription("a voter gave no whole image")
                            .asRuntimeException());
        }
    }

    /// What the feed brings.
    private final class Published implements MetadataFeedClient.Receiver {

        @Override
        public ClusterImage image() {
            return publisher.image();
        }

        @Override
        public void onImage(ClusterImage image) {
            // A voter begins with an image that is not older; one that is would break its word.
            if (image.offset() >= publisher.image().offset()) {
                publisher.publish(image);
            }
            gateway.leaderMayHaveChanged();
        }

        @Override
        public void onChange(ClusterImage image, ImageDelta delta) {
            publisher.publish(image, delta);
        }

        @Override
        public void onQuorum(QuorumView told) {
            view = told;
            gateway.leaderMayHaveChanged();
        }
    }
}
