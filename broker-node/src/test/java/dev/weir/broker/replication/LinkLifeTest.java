// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import static dev.weir.broker.replication.Messages.PARTITION;
import static dev.weir.broker.replication.TestPeer.await;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;
import dev.weir.metadata.record.Endpoint;

import io.grpc.CallOptions;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// How streams begin and end.
class LinkLifeTest {

    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;

    @Test
    void aLeaderThatFallsSilentIsNoticed() throws Exception {
        var addresses = TestPeer.addresses();
        var silent = silent(3);
        try (var follower = TestPeer.start(FOLLOWER, addresses)) {
            addresses.put(3, new Endpoint("127.0.0.1", silent.getPort()));

            follower.open(3, Lane.IN_SYNC);

            await("agreed", () -> follower.links.get() == 1);
            await("the silent one is given up", () -> !follower.broken.isEmpty());
            assertThat(follower.links).hasValue(0);
        } finally {
            silent.shutdownNow();
        }
    }

    @Test
    void silenceIsNoticedAlsoAfterTheEndOfAStreamFailed() throws Exception {
        var addresses = TestPeer.addresses();
        var first = silent(3);
        var second = silent(4);
        try (var follower = TestPeer.start(FOLLOWER, addresses)) {
            addresses.put(3, new Endpoint("127.0.0.1", first.getPort()));
            addresses.put(4, new Endpoint("127.0.0.1", second.getPort()));
            follower.onBroken(
                    () -> {
                        throw new IllegalStateException("the partition could not be told");
                    });
            follower.open(3, Lane.IN_SYNC);
            await("the first one is given up", () -> follower.broken.size() == 1);

            follower.open(4, Lane.IN_SYNC);

            await("the second one is given up", () -> follower.broken.size() == 2);
        } finally {
            first.shutdownNow();
            second.shutdownNow();
        }
    }

    /// A node that says hello and then nothing.
    private static Server silent(int nodeId) throws IOException {
        var hello = Frame.of(new Hello.OfLeader(nodeId, UUID.randomUUID()));
        var service =
                ServerServiceDefinition.builder("weir.internal.v1.ReplicationService")
                        .addMethod(
                                Replication.METHOD,
                                ServerCalls.asyncBidiStreamingCall(
                                        out -> {
                                            out.onNext(hello);
                                            return new Deaf();
                                        }))
                        .build();
        return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(service)
                .build()
                .start();
    }

    /// Listens to nothing.
    private static final class Deaf implements StreamObserver<Frame> {

        @Override
        public void onNext(Frame frame) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void bothSidesAreToldOfAStreamThatEndsAndOnlyThePartitionsThatUsedIt() {
        var addresses = TestPeer.addresses();
        var other = new PartitionId(UUID.randomUUID(), 0);
        try (var leader = TestPeer.start(LEADER, addresses)) {
            try (var follower = TestPeer.start(FOLLOWER, addresses)) {
                follower.connect(leader, Lane.IN_SYNC);
                follower.transport.send(
                        LEADER, Lane.CATCHING_UP, other, Messages.open(Lane.CATCHING_UP));
                await("both sessions", () -> leader.received.size() == 2);
            }
            await("told", () -> leader.broken.size() == 2);
            assertThat(leader.broken)
                    .containsExactlyInAnyOrder(
                            new TestPeer.Broken(FOLLOWER, Lane.IN_SYNC, PARTITION),
                            new TestPeer.Broken(FOLLOWER, Lane.CATCHING_UP, other));
            assertThat(leader.links).hasValue(0);
        }
    }

    @Test
    void aFollowerIsToldOfADeadLeaderAndFindsItAgainWhenItIsBack() {
        var addresses = TestPeer.addresses();
        try (var follower = TestPeer.start(FOLLOWER, addresses)) {
            try (var leader = TestPeer.start(LEADER, addresses)) {
                follower.connect(leader, Lane.IN_SYNC);
            }
            await("told", () -> !follower.broken.isEmpty());
            // A closed port: each attempt fails and is told.
            follower.open(LEADER, Lane.IN_SYNC);
            await("told again", () -> follower.broken.size() >= 2);

            try (var leader = TestPeer.start(LEADER, addresses)) {
                follower.open(LEADER, Lane.IN_SYNC);
                await("the stream", () -> leader.links.get() == 1 || reopen(follower));
                await("a message", () -> !leader.received.isEmpty());
            }
        }
    }

    @Test
    void aNewProcessOfTheFollowerTakesThePlaceOfTheOldOne() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var old = TestPeer.start(FOLLOWER, addresses);
                var young =
                        TestPeer.start(
                                FOLLOWER,
                                new java.util.HashMap<>(Map.of(LEADER, addresses.get(LEADER))))) {
            old.connect(leader, Lane.IN_SYNC);

            young.open(LEADER, Lane.IN_SYNC);

            await("the old one is told", () -> !old.broken.isEmpty());
            await("the new one speaks", () -> leader.received.size() == 2);
            assertThat(leader.links).hasValue(1);
            leader.transport.send(
                    FOLLOWER,
                    Lane.IN_SYNC,
                    PARTITION,
                    new ReplicaMessage.Refused(Messages.SESSION, 2));
            await("the new one hears", () -> young.received.size() == 1);
            assertThat(old.received).isEmpty();
        }
    }

    @Test
    void anImageWithAnotherProcessEndsTheStreamsOfTheOldOne() {
        var addresses = TestPeer.addresses();
        var old = UUID.randomUUID();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = new TestPeer(TestPeer.CLUSTER, FOLLOWER, old, addresses)) {
            leader.transport.follow(Map.of(FOLLOWER, old));
            follower.connect(leader, Lane.IN_SYNC);
            leader.transport.follow(Map.of(FOLLOWER, old, LEADER, UUID.randomUUID()));
            assertThat(leader.broken).isEmpty();

            leader.transport.follow(Map.of(FOLLOWER, UUID.randomUUID()));

            await("both are told", () -> leader.broken.size() == 1 && follower.broken.size() == 1);
        }
    }

    @Test
    void aLeaderThatHasMovedInTheImageIsLeft() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.connect(leader, Lane.IN_SYNC);
            try (var moved =
                    new TestPeer(
                            TestPeer.CLUSTER, LEADER, UUID.randomUUID(), TestPeer.addresses())) {
                addresses.put(LEADER, moved.address());
                follower.transport.follow(Map.of(LEADER, UUID.randomUUID()));
                await("told", () -> follower.broken.size() == 1);

                follower.open(LEADER, Lane.IN_SYNC);

                await("the new address", () -> moved.received.size() == 1);
            }
        }
    }

    @Test
    void aNodeOfAnotherClusterIsRefusedWithATypedStatus() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var foreign =
                        new TestPeer(UUID.randomUUID(), FOLLOWER, UUID.randomUUID(), addresses)) {
            foreign.open(LEADER, Lane.IN_SYNC);

            await("told", () -> !foreign.broken.isEmpty());
            assertThat(leader.received).isEmpty();
            assertThat(leader.links).hasValue(0);
        }
    }

    @Test
    void eachWrongHelloIsRefusedWithItsReason() {
        var addresses = TestPeer.addresses();
        var me = UUID.randomUUID();
        try (var leader = TestPeer.start(LEADER, addresses)) {
            var foreign =
                    new Hello.OfFollower(1, UUID.randomUUID(), FOLLOWER, me, Lane.IN_SYNC, LEADER);
            var newer =
                    new Hello.OfFollower(2, TestPeer.CLUSTER, FOLLOWER, me, Lane.IN_SYNC, LEADER);
            var lost = new Hello.OfFollower(1, TestPeer.CLUSTER, FOLLOWER, me, Lane.IN_SYNC, 3);

            assertThat(refusal(leader, Frame.of(foreign))).isEqualTo("FOREIGN_CLUSTER");
            assertThat(refusal(leader, Frame.of(newer))).isEqualTo("UNKNOWN_PROTOCOL_VERSION");
            assertThat(refusal(leader, Frame.of(lost))).isEqualTo("WRONG_NODE");
            assertThat(refusal(leader, Frame.of(List.of()))).isEqualTo("NO_HELLO");
        }
    }

    @Test
    void quietStreamsStayAndSilentPeersAreNoticed() throws Exception {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses);
                var silent = new java.net.ServerSocket(0)) {
            follower.connect(leader, Lane.IN_SYNC);
            // Accepts connections, and then says nothing.
            addresses.put(
                    3, new dev.weir.metadata.record.Endpoint("127.0.0.1", silent.getLocalPort()));

            follower.open(3, Lane.IN_SYNC);

            await("the silent one is given up", () -> !follower.broken.isEmpty());
            assertThat(follower.broken)
                    .containsOnly(new TestPeer.Broken(3, Lane.IN_SYNC, PARTITION));
            assertThat(leader.broken).isEmpty();
        }
    }

    private static boolean reopen(TestPeer follower) {
        follower.open(LEADER, Lane.IN_SYNC);
        return false;
    }

    private static String refusal(TestPeer leader, Frame first) {
        var channel =
                NettyChannelBuilder.forAddress("127.0.0.1", leader.address().port())
                        .usePlaintext()
                        .build();
        try {
            var call =
                    ClientCalls.blockingBidiStreamingCall(
                            channel, Replication.METHOD, CallOptions.DEFAULT);
            call.write(first);
            call.read();
            return "none";
        } catch (io.grpc.StatusException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            var details = StatusProto.fromThrowable(e).getDetails(0);
            return unpacked(details).getReason();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ErrorInfo unpacked(com.google.protobuf.Any any) {
        try {
            return any.unpack(ErrorInfo.class);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
