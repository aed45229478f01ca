// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import static dev.weir.broker.replication.Messages.PARTITION;
import static dev.weir.broker.replication.TestPeer.await;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

class ReplicationTransportTest {

    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;

    @Test
    void messagesOfALaneArriveInTheOrderInWhichTheyWereSent() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            for (long end = 1; end <= 20_000; end++) {
                follower.transport.send(LEADER, Lane.IN_SYNC, PARTITION, Messages.ack(end));
            }
            await("all acks", () -> leader.received.size() == 20_000);

            assertThat(leader.received)
                    .extracting(one -> ((ReplicaMessage.Ack) one.message()).appendedEnd())
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 20_000).boxed().toList());
            assertThat(leader.received)
                    .allMatch(one -> one.from() == FOLLOWER && one.lane() == Lane.IN_SYNC);
        }
    }

    @Test
    void pushesComeDownTheFollowersStreamAndTheirBytesAreGivenBackOnBothSides() {
        var addresses = TestPeer.addresses();
        var sent = IntStream.range(0, 200).mapToObj(i -> new Messages.Bytes(20_000, i)).toList();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            var contents = new ArrayList<byte[]>();
            follower.onReceived(
                    one -> {
                        contents.add(bytes((ReplicaMessage.Push) one.message()));
                        TestPeer.release(one);
                    });
            connect(follower, leader, Lane.IN_SYNC);

            for (var i = 0; i < sent.size(); i++) {
                leader.transport.send(
                        FOLLOWER, Lane.IN_SYNC, PARTITION, Messages.push(i, sent.get(i)));
            }
            await("all pushes", () -> follower.received.size() == sent.size());

            for (var i = 0; i < sent.size(); i++) {
                assertThat(contents.get(i)).isEqualTo(bytes(Messages.push(i, sent.get(i))));
            }
            await("released", () -> sent.stream().allMatch(one -> one.releases.get() == 1));
            assertThat(leader.pushedBytes.get()).isEqualTo(200L * 20_000);
            assertThat(follower.budgets.get(Lane.IN_SYNC).usedBytes()).isZero();
        }
        assertThat(sent).allMatch(one -> one.releases.get() == 1);
    }

    @Test
    void aPushToANodeWithoutAStreamIsGivenBack() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses)) {
            var bytes = new Messages.Bytes(100, 1);

            leader.transport.send(FOLLOWER, Lane.IN_SYNC, PARTITION, Messages.push(0, bytes));

            assertThat(bytes.releases).hasValue(1);
            assertThat(leader.transport.admits(FOLLOWER, Lane.IN_SYNC, () -> {})).isFalse();
        }
    }

    @Test
    void aFollowerThatTakesNothingStopsPushesWithinABoundAndGoesOnWhenItTakesThem() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.onReceived(_ -> {});
            connect(follower, leader, Lane.IN_SYNC);
            var resumed = new AtomicInteger();

            var sent = pushUntilRefused(leader, Lane.IN_SYNC, resumed);

            // What the follower holds, both windows, the transport's and the queue's bytes.
            assertThat(sent.size() * 64L * 1024).isLessThan(TestPeer.LANE_BYTES + (12L << 20));
            assertThat(resumed).hasValue(0);
            follower.onReceived(TestPeer::release);
            follower.releaseAll();
            await("resumed", () -> resumed.get() == 1);
            await("all pushes", () -> follower.received.size() == sent.size());
            await("released", () -> sent.stream().allMatch(one -> one.releases.get() == 1));
            assertThat(leader.transport.admits(FOLLOWER, Lane.IN_SYNC, () -> {})).isTrue();
            assertThat(leader.links).hasValue(1);
        }
    }

    @Test
    void aRefillThatIsStuckDoesNotDelayTheOtherLane() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.onReceived(
                    one -> {
                        if (one.lane() == Lane.IN_SYNC) {
                            TestPeer.release(one);
                        }
                    });
            connect(follower, leader, Lane.CATCHING_UP);
            connect(follower, leader, Lane.IN_SYNC);
            var sent = pushUntilRefused(leader, Lane.CATCHING_UP, new AtomicInteger());

            for (var i = 0; i < 100; i++) {
                var bytes = new Messages.Bytes(64 * 1024, i);
                sent.add(bytes);
                leader.transport.send(FOLLOWER, Lane.IN_SYNC, PARTITION, Messages.push(i, bytes));
            }

            await(
                    "the other lane's pushes",
                    () ->
                            follower.received.stream()
                                            .filter(one -> one.lane() == Lane.IN_SYNC)
                                            .count()
                                    == 100);
            assertThat(leader.transport.admits(FOLLOWER, Lane.CATCHING_UP, () -> {})).isFalse();
            follower.onReceived(TestPeer::release);
            follower.releaseAll();
            await("released", () -> sent.stream().allMatch(one -> one.releases.get() == 1));
        }
    }

    @Test
    void bothSidesAreToldOfAStreamThatEndsAndOnlyThePartitionsThatUsedIt() {
        var addresses = TestPeer.addresses();
        var other = new PartitionId(UUID.randomUUID(), 0);
        try (var leader = TestPeer.start(LEADER, addresses)) {
            try (var follower = TestPeer.start(FOLLOWER, addresses)) {
                connect(follower, leader, Lane.IN_SYNC);
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
                connect(follower, leader, Lane.IN_SYNC);
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
    void whatWaitedForAStreamThatEndedIsGivenBack() {
        var addresses = TestPeer.addresses();
        var sent = new ArrayList<Messages.Bytes>();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.onReceived(_ -> {});
            connect(follower, leader, Lane.IN_SYNC);
            sent.addAll(pushUntilRefused(leader, Lane.IN_SYNC, new AtomicInteger()));
        }
        await("released", () -> sent.stream().allMatch(one -> one.releases.get() == 1));
    }

    @Test
    void moreWaitingMessagesThanTheBoundEndTheStreamInsteadOfFillingMemory() {
        var addresses = TestPeer.addresses();
        var sent = new ArrayList<Messages.Bytes>();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.onReceived(_ -> {});
            connect(follower, leader, Lane.IN_SYNC);
            // A leader that does not ask.
            for (var i = 0; i < 1_000 && leader.broken.isEmpty(); i++) {
                var bytes = new Messages.Bytes(256 * 1024, i);
                sent.add(bytes);
                leader.transport.send(FOLLOWER, Lane.IN_SYNC, PARTITION, Messages.push(i, bytes));
            }

            await("the end", () -> !leader.broken.isEmpty());

            assertThat(sent.size() * 256L * 1024)
                    .isLessThan(FrameOutbox.BYTES_MAX + TestPeer.LANE_BYTES + (12L << 20));
            await("released", () -> sent.stream().allMatch(one -> one.releases.get() == 1));
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
            connect(old, leader, Lane.IN_SYNC);

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
            connect(follower, leader, Lane.IN_SYNC);
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
            connect(follower, leader, Lane.IN_SYNC);
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
            connect(follower, leader, Lane.IN_SYNC);
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

    private static void connect(TestPeer follower, TestPeer leader, Lane lane) {
        int before = leader.received.size();
        follower.open(LEADER, lane);
        await("a session", () -> leader.received.size() > before);
    }

    private static List<Messages.Bytes> pushUntilRefused(
            TestPeer leader, Lane lane, AtomicInteger resumed) {
        var sent = new ArrayList<Messages.Bytes>();
        var stuck = new AtomicBoolean();
        while (!stuck.get()) {
            while (leader.transport.admits(FOLLOWER, lane, () -> {})) {
                var bytes = new Messages.Bytes(64 * 1024, sent.size());
                sent.add(bytes);
                leader.transport.send(FOLLOWER, lane, PARTITION, Messages.push(sent.size(), bytes));
            }
            stuck.set(stays(leader, lane));
        }
        assertThat(leader.transport.admits(FOLLOWER, lane, resumed::incrementAndGet)).isFalse();
        return sent;
    }

    /// Whether nothing moves for a second.
    private static boolean stays(TestPeer leader, Lane lane) {
        long until = System.nanoTime() + 1_000_000_000L;
        while (System.nanoTime() < until) {
            if (leader.transport.admits(FOLLOWER, lane, () -> {})) {
                return false;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
        return true;
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

    private static byte[] bytes(ReplicaMessage.Push push) {
        var bytes = new byte[push.batches().sizeBytes()];
        push.batches().buffer().get(bytes);
        return bytes;
    }
}
