// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.internal.v1.FeedMetadataRequest;
import dev.weir.api.internal.v1.FeedMetadataResponse;
import dev.weir.api.internal.v1.MetadataFeedServiceGrpc;
import dev.weir.api.internal.v1.QuorumView;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.Endpoint;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A broker that is fed by the only voter there is.
class MetadataFeedClientTest {

    private static final List<Endpoint> VOTER = List.of(new Endpoint("voter", 1));

    private final String name = UUID.randomUUID().toString();
    private final AtomicInteger feeds = new AtomicInteger();
    private final AtomicInteger images = new AtomicInteger();
    private final CountDownLatch taken = new CountDownLatch(1);
    private Server voter;

    @BeforeEach
    void start() throws IOException {
        voter = InProcessServerBuilder.forName(name).addService(new Voter()).build().start();
    }

    @AfterEach
    void stop() {
        voter.shutdownNow();
    }

    @Test
    void aFeedOfWhichAStepFailedEndsAndAnotherOneIsOpened() throws Exception {
        try (var client = client(this::open)) {
            client.start();

            assertThat(taken.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(feeds).hasValue(2);
        }
    }

    @Test
    void aVoterThatCannotBeConnectedToIsTriedAgain() throws Exception {
        var attempts = new AtomicInteger();
        images.set(1);
        try (var client =
                client(
                        address -> {
                            if (attempts.incrementAndGet() == 1) {
                                throw new IllegalStateException("no connection");
                            }
                            return open(address);
                        })) {
            client.start();

            assertThat(taken.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private MetadataFeedClient client(Function<Endpoint, ManagedChannel> channels) {
        return new MetadataFeedClient(7, VOTER, channels, new FailsOnce());
    }

    private ManagedChannel open(Endpoint address) {
        return InProcessChannelBuilder.forName(name).build();
    }

    /// Sends the whole image, and leaves the stream open.
    private final class Voter extends MetadataFeedServiceGrpc.MetadataFeedServiceImplBase {

        @Override
        public void feedMetadata(
                FeedMetadataRequest request, StreamObserver<FeedMetadataResponse> answer) {
            feeds.incrementAndGet();
            for (var part : ImageStreams.parts(ClusterImage.EMPTY)) {
                answer.onNext(FeedMetadataResponse.newBuilder().setImage(part).build());
            }
        }
    }

    /// Fails to take the first image.
    private final class FailsOnce implements MetadataFeedClient.Receiver {

        @Override
        public ClusterImage image() {
            return ClusterImage.EMPTY;
        }

        @Override
        public void onImage(ClusterImage image) {
            if (images.incrementAndGet() == 1) {
                throw new IllegalStateException("not taken");
            }
            taken.countDown();
        }

        @Override
        public void onChange(ClusterImage image, ImageDelta delta) {}

        @Override
        public void onQuorum(QuorumView view) {}
    }
}
