// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.Subscribe;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.storage.NoPartitions;
import dev.weir.log.PartitionId;
import dev.weir.record.RecordBatch;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a node does with the subscriptions of a stream that other nodes serve: two fake leaders, a
/// real wire between, and an image that the test changes.
class ForwardedFetchTest {

    private static final int SELF = 9;
    private static final long PATIENCE_S = 20;

    private final PartitionId partition = new PartitionId(UUID.randomUUID(), 0);
    private final Leader one = new Leader();
    private final Leader two = new Leader();
    private final Map<Integer, Channel> peers = new HashMap<>();
    private final StreamTimers timers = new StreamTimers();
    private final MemoryBudget budget = new MemoryBudget(1_000);
    private final Reader reader = new Reader();
    private volatile Leadership leadership = new Leadership.Led(1, 0);
    private AwayFetches away;

    /// A node that takes fetch streams.
    private static final class Leader extends FetchServiceGrpc.FetchServiceImplBase {

        private final String name = "leader-" + UUID.randomUUID();
        private final LinkedBlockingQueue<FetchRequest> came = new LinkedBlockingQueue<>();
        private final Server server;
        private final ManagedChannel channel;
        private volatile StreamObserver<FetchResponse> out;

        Leader() {
            try {
                server =
                        InProcessServerBuilder.forName(name)
                                .directExecutor()
                                .addService(this)
                                .build()
                                .start();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            channel = InProcessChannelBuilder.forName(name).directExecutor().build();
        }

        @Override
        public StreamObserver<FetchRequest> fetch(StreamObserver<FetchResponse> pushes) {
            out = pushes;
            return new StreamObserver<>() {
                @Override
                public void onNext(FetchRequest request) {
                    came.add(request);
                }

                @Override
                public void onError(Throwable t) {}

                @Override
                public void onCompleted() {}
            };
        }

        Subscribe nextSubscribe() {
            while (true) {
                var next = next();
                if (next.hasSubscribe()) {
                    return next.getSubscribe();
                }
            }
        }

        long nextGrant() {
            while (true) {
                var next = next();
                if (next.hasGrantBytes()) {
                    return next.getGrantBytes();
                }
            }
        }

        private FetchRequest next() {
            try {
                var next = came.poll(PATIENCE_S, TimeUnit.SECONDS);
                if (next == null) {
                    throw new AssertionError("no request came");
                }
                return next;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void begin(Subscribe subscribe, long startOffset) {
            out.onNext(
                    FetchResponse.newBuilder()
                            .setSubscriptionId(subscribe.getSubscriptionId())
                            .setStartOffset(startOffset)
                            .setHighWatermark(10)
                            .build());
        }

        void push(Subscribe subscribe, long baseOffset, int leaderEpoch) {
            var batch = ApiClient.batch("v" + baseOffset);
            RecordBatch.stamp(batch, 0, baseOffset, leaderEpoch);
            out.onNext(
                    FetchResponse.newBuilder()
                            .setSubscriptionId(subscribe.getSubscriptionId())
                            .setLeaderEpoch(leaderEpoch)
                            .setHighWatermark(10)
                            .setRecordBatches(ByteString.copyFrom(batch))
                            .build());
        }

        void refuse(Subscribe subscribe, ApiError error) {
            out.onNext(
                    FetchResponse.newBuilder()
                            .setSubscriptionId(subscribe.getSubscriptionId())
                            .setError(ErrorMapping.toStatus(error))
                            .build());
        }

        void close() {
            channel.shutdownNow();
            server.shutdownNow();
        }
    }

    /// The reader's stream.
    private final class Reader implements AwayFetches.Host {

        final SerialTurns turns = new SerialTurns(Runnable::run);
        final LinkedBlockingQueue<FetchResponse> passed = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<ApiError> ended = new LinkedBlockingQueue<>();
        volatile long credit = 1_000_000;

        @Override
        public void turn(Runnable event) {
            turns.run(
                    () -> {
                        event.run();
                        away.pump();
                    });
        }

        @Override
        public void serveHere(FetchSubscription subscription, Partition replica) {
            throw new AssertionError("no replica is here");
        }

        @Override
        public void pass(FetchSubscription subscription, FetchResponse response) {
            credit -= response.getRecordBatches().size();
            passed.add(response);
        }

        @Override
        public void end(FetchSubscription subscription, ApiError error) {
            ended.add(error);
        }

        @Override
        public long pushableBytes() {
            return Math.max(0, credit);
        }
    }

    @BeforeEach
    void connect() {
        peers.put(1, one.channel);
        peers.put(2, two.channel);
        var forwarding =
                new Forwarding(
                        SELF,
                        _ -> leadership,
                        nodeId -> Optional.ofNullable(peers.get(nodeId)),
                        timers,
                        budget);
        away = new AwayFetches(forwarding, new NoPartitions(), Principal.ANONYMOUS, reader);
    }

    @AfterEach
    void close() {
        reader.turns.run(away::close);
        timers.close();
        one.close();
        two.close();
    }

    private FetchSubscription subscribe() {
        var subscription =
                new FetchSubscription(
                        5,
                        new FetchSubscription.Place("t", partition),
                        StartPosition.newBuilder().setEarliest(true).build(),
                        OptionalInt.empty(),
                        1_000_000);
        reader.turn(() -> away.place(subscription));
        return subscription;
    }

    private FetchResponse nextPassed() throws InterruptedException {
        var next = reader.passed.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(next).as("something passed on").isNotNull();
        return next;
    }

    private static ApiError notLeader(int epoch) {
        return ApiError.of(ErrorReason.NOT_LEADER, "not here").with("epoch", epoch);
    }

    @Test
    void goesOnAtItsPositionWithTheNextLeaderAndTheReaderSeesOneFirstAnswer() throws Exception {
        subscribe();
        var first = one.nextSubscribe();
        assertThat(first.getStart().getEarliest()).isTrue();
        one.begin(first, 3);
        one.push(first, 3, 4);
        assertThat(nextPassed().getStartOffset()).isEqualTo(3);
        nextPassed();

        one.refuse(first, notLeader(5));
        leadership = new Leadership.Led(2, 5);

        var second = two.nextSubscribe();
        assertThat(second.getStart().getOffset()).isEqualTo(4);
        assertThat(second.getLeaderEpoch()).isEqualTo(4);
        two.begin(second, 4);
        two.push(second, 4, 5);
        assertThat(nextPassed().getLeaderEpoch()).isEqualTo(5);
        assertThat(reader.passed).isEmpty();
        assertThat(reader.ended).isEmpty();
    }

    @Test
    void goesOnAfterTheConnectionBroke() throws Exception {
        subscribe();
        var first = one.nextSubscribe();
        one.begin(first, 0);
        one.push(first, 0, 0);
        nextPassed();
        nextPassed();

        one.out.onError(Status.UNAVAILABLE.asRuntimeException());
        leadership = new Leadership.Led(2, 1);

        assertThat(two.nextSubscribe().getStart().getOffset()).isEqualTo(1);
    }

    @Test
    void aLeaderThatHangsIsLeftForANewerOne() throws Exception {
        subscribe();
        one.begin(one.nextSubscribe(), 7);
        nextPassed();

        leadership = new Leadership.Led(2, 1);

        assertThat(two.nextSubscribe().getStart().getOffset()).isEqualTo(7);
    }

    @Test
    void whatAnOldLeaderStillSaysIsDropped() throws Exception {
        subscribe();
        var first = one.nextSubscribe();
        one.begin(first, 0);
        nextPassed();
        leadership = new Leadership.Led(2, 1);
        var second = two.nextSubscribe();

        one.push(first, 0, 0);
        two.begin(second, 0);
        two.push(second, 0, 1);

        assertThat(nextPassed().getLeaderEpoch()).isEqualTo(1);
    }

    @Test
    void waitsForALeader() {
        leadership = new Leadership.Nobody(0);
        subscribe();

        leadership = new Leadership.Led(2, 1);

        assertThat(two.nextSubscribe().getStart().getEarliest()).isTrue();
    }

    @Test
    void theLeaderIsGivenNoMoreThanTheReaderGave() {
        reader.credit = 10;
        subscribe();
        one.nextSubscribe();

        assertThat(one.nextGrant()).isEqualTo(10);
    }

    @Test
    void whatTheReaderDoesNotTakeIsHeldAndTheNextIsNotAskedFor() throws Exception {
        subscribe();
        var first = one.nextSubscribe();
        one.begin(first, 0);
        nextPassed();
        reader.credit = 0;

        one.push(first, 0, 0);
        one.push(first, 1, 0);
        reader.turn(() -> {});
        assertThat(reader.passed).isEmpty();
        assertThat(budget.usedBytes()).isPositive();

        // The first goes even above the credit; the second waits for more.
        reader.turn(() -> reader.credit = 1);
        nextPassed();
        assertThat(reader.passed).isEmpty();
        reader.turn(() -> reader.credit = 1);
        nextPassed();
        reader.turn(() -> {});
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void anErrorOfTheRequestItselfEndsTheSubscription() throws Exception {
        subscribe();
        var first = one.nextSubscribe();

        one.refuse(first, ApiError.of(ErrorReason.OFFSET_OUT_OF_RANGE, "no").with("log_start", 5));

        var error = reader.ended.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(error.reason()).isEqualTo(ErrorReason.OFFSET_OUT_OF_RANGE);
        assertThat(error.metadata()).containsEntry("log_start", "5");
    }

    @Test
    void whoLeavesIsUnsubscribedAtTheLeader() {
        var subscription = subscribe();
        var first = one.nextSubscribe();

        reader.turn(
                () -> {
                    subscription.end();
                    away.remove(subscription);
                });

        var next = one.next();
        while (!next.hasUnsubscribe()) {
            next = one.next();
        }
        assertThat(next.getUnsubscribe().getSubscriptionId()).isEqualTo(first.getSubscriptionId());
    }
}
