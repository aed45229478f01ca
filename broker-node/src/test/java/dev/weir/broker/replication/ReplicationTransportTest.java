// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import static dev.weir.broker.replication.Messages.PARTITION;
import static dev.weir.broker.replication.TestPeer.await;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;

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
    void aStreamThatBreaksAgainAndAgainLosesMessagesButNeverChangesTheirOrder() {
        var addresses = TestPeer.addresses();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            var random = new java.util.Random(42);
            for (long end = 1; end <= 50_000; end++) {
                follower.transport.send(LEADER, Lane.IN_SYNC, PARTITION, Messages.ack(end));
                if (random.nextInt(2_000) == 0) {
                    // An image with another process: both sides give the stream up.
                    leader.transport.follow(Map.of(FOLLOWER, new UUID(0, end)));
                    java.util.concurrent.locks.LockSupport.parkNanos(30_000_000);
                }
            }
            await("the last one", () -> last(leader.received) == 50_000 || resent(follower));

            assertThat(leader.received)
                    .extracting(one -> ((ReplicaMessage.Ack) one.message()).appendedEnd())
                    .isSorted();
            assertThat(leader.received.size()).isGreaterThan(5_000);
            assertThat(follower.broken).isNotEmpty();
        }
    }

    private static long last(java.util.Queue<TestPeer.Received> received) {
        long last = 0;
        for (var one : received) {
            last = ((ReplicaMessage.Ack) one.message()).appendedEnd();
        }
        return last;
    }

    private static boolean resent(TestPeer follower) {
        follower.transport.send(LEADER, Lane.IN_SYNC, PARTITION, Messages.ack(50_000));
        return false;
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
            follower.connect(leader, Lane.IN_SYNC);

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
            follower.connect(leader, Lane.IN_SYNC);
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
            follower.connect(leader, Lane.CATCHING_UP);
            follower.connect(leader, Lane.IN_SYNC);
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
    void whatWaitedForAStreamThatEndedIsGivenBack() {
        var addresses = TestPeer.addresses();
        var sent = new ArrayList<Messages.Bytes>();
        try (var leader = TestPeer.start(LEADER, addresses);
                var follower = TestPeer.start(FOLLOWER, addresses)) {
            follower.onReceived(_ -> {});
            follower.connect(leader, Lane.IN_SYNC);
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
            follower.connect(leader, Lane.IN_SYNC);
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

    private static byte[] bytes(ReplicaMessage.Push push) {
        var bytes = new byte[push.batches().sizeBytes()];
        push.batches().buffer().get(bytes);
        return bytes;
    }
}
