// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import static dev.weir.broker.replication.Messages.PARTITION;
import static dev.weir.broker.replication.Messages.SESSION;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import dev.weir.api.internal.v1.FollowerHello;
import dev.weir.api.internal.v1.ReplicateRequest;
import dev.weir.api.internal.v1.ReplicateResponse;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaMessage;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.StatusRuntimeException;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.UUID;

class FrameMarshallerTest {

    private static final UUID CLUSTER = new UUID(-1, 2);
    private static final FrameMarshaller FROM_FOLLOWER =
            new FrameMarshaller(FrameReader.From.FOLLOWER, 1 << 20);
    private static final FrameMarshaller FROM_LEADER =
            new FrameMarshaller(FrameReader.From.LEADER, 1 << 20);

    @Test
    void writesWhatTheContractSaysOfMessagesToLeaders() throws IOException {
        var bytes =
                written(FROM_FOLLOWER, List.of(Messages.open(Lane.CATCHING_UP), Messages.ack(99)));

        var request = ReplicateRequest.parseFrom(bytes);

        assertThat(request.getMessagesCount()).isEqualTo(2);
        var first = request.getMessages(0);
        assertThat(new UUID(first.getTopicIdHigh(), first.getTopicIdLow()))
                .isEqualTo(PARTITION.topicId());
        assertThat(first.getPartition()).isEqualTo(5);
        assertThat(new UUID(first.getIncarnationHigh(), first.getIncarnationLow()))
                .isEqualTo(SESSION.incarnation());
        assertThat(first.getSession()).isEqualTo(9);
        assertThat(first.getLeaderEpoch()).isEqualTo(2);
        var open = first.getOpenSession();
        assertThat(new UUID(open.getDirectoryIdHigh(), open.getDirectoryIdLow()))
                .isEqualTo(new UUID(10, -11));
        assertThat(open.getFetchOffset()).isEqualTo(12);
        assertThat(open.getLastEpochPlusOne()).isZero();
        assertThat(open.getLane()).isEqualTo(dev.weir.api.internal.v1.Lane.LANE_CATCHING_UP);
        assertThat(request.getMessages(1).getAck().getAppendedEnd()).isEqualTo(99);
        assertThat(request.getMessages(1).getAck().getDurableEnd()).isEqualTo(98);
        assertThat(request.getMessages(1).getAck().getHighWatermark()).isEqualTo(97);
        assertThat(request.toByteArray().length).isLessThanOrEqualTo(bytes.length);
    }

    @Test
    void writesWhatTheContractSaysOfMessagesToFollowers() throws IOException {
        var batches = new Messages.Bytes(40_000, 1);
        var history = ByteBuffer.wrap(new byte[] {1, 2});
        var states = ByteBuffer.wrap(new byte[] {3, 4, 5});

        var response =
                ReplicateResponse.parseFrom(
                        written(
                                FROM_LEADER,
                                List.of(
                                        new ReplicaMessage.Diverged(SESSION, 2, 7, 8),
                                        new ReplicaMessage.Reset(SESSION, 2, 6, history, states),
                                        Messages.push(11, batches),
                                        Messages.push(12, PushedBatches.NONE),
                                        new ReplicaMessage.Refused(SESSION, 2))));

        assertThat(response.getMessages(0).getDiverged().getEpochPlusOne()).isEqualTo(8);
        assertThat(response.getMessages(0).getDiverged().getEndOffset()).isEqualTo(8);
        assertThat(response.getMessages(1).getReset().getLogStart()).isEqualTo(6);
        assertThat(response.getMessages(1).getReset().getEpochHistory())
                .isEqualTo(ByteString.copyFrom(new byte[] {1, 2}));
        assertThat(response.getMessages(1).getReset().getProducerStates())
                .isEqualTo(ByteString.copyFrom(new byte[] {3, 4, 5}));
        var push = response.getMessages(2).getPush();
        assertThat(push.getBaseOffset()).isEqualTo(11);
        assertThat(push.getHighWatermark()).isEqualTo(14);
        assertThat(push.getLogStart()).isEqualTo(15);
        assertThat(push.getBatches()).isEqualTo(ByteString.copyFrom(batches.buffer()));
        assertThat(response.getMessages(3).getPush().getBatches().isEmpty()).isTrue();
        assertThat(response.getMessages(4).hasRefused()).isTrue();
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        List<ReplicaMessage> toLeader =
                List.of(Messages.open(Lane.IN_SYNC), Messages.ack(Long.MAX_VALUE));
        List<ReplicaMessage> toFollower =
                List.of(
                        new ReplicaMessage.Diverged(SESSION, 2, -1, 0),
                        new ReplicaMessage.Reset(
                                SESSION, 2, 6, ByteBuffer.allocate(3), ByteBuffer.allocate(0)),
                        Messages.push(0, PushedBatches.NONE),
                        new ReplicaMessage.Refused(SESSION, 2));

        assertThat(messages(read(FROM_FOLLOWER, written(FROM_FOLLOWER, toLeader))))
                .isEqualTo(toLeader);
        assertThat(messages(read(FROM_LEADER, written(FROM_LEADER, toFollower))))
                .isEqualTo(toFollower);
    }

    @Test
    void readsTheBatchesOfSeveralPushesWhereTheyAre() throws IOException {
        var first = new Messages.Bytes(70_000, 3);
        var second = new Messages.Bytes(1, 4);
        var bytes =
                written(FROM_LEADER, List.of(Messages.push(1, first), Messages.push(2, second)));

        var frame = read(FROM_LEADER, bytes);

        assertThat(frame.heldBytes()).isEqualTo(bytes.length);
        assertThat(batches(frame, 0).buffer()).isEqualTo(first.buffer());
        assertThat(batches(frame, 1).buffer()).isEqualTo(second.buffer());
        assertThat(batches(frame, 1).sizeBytes()).isEqualTo(1);
    }

    @Test
    void readsHellosOfBothSidesAndAnEmptyFrame() throws IOException {
        var follower = new Hello.OfFollower(1, CLUSTER, 2, SESSION.incarnation(), Lane.IN_SYNC, 3);
        var leader = new Hello.OfLeader(3, SESSION.incarnation());

        var request = bytes(FROM_FOLLOWER, Frame.of(follower));

        assertThat(read(FROM_FOLLOWER, request).hello()).isEqualTo(follower);
        assertThat(ReplicateRequest.parseFrom(request).getHello())
                .isEqualTo(
                        FollowerHello.newBuilder()
                                .setProtocolVersion(1)
                                .setClusterIdHigh(-1)
                                .setClusterIdLow(2)
                                .setNodeId(2)
                                .setIncarnationHigh(-7)
                                .setIncarnationLow(8)
                                .setLane(dev.weir.api.internal.v1.Lane.LANE_IN_SYNC)
                                .setToNodeId(3)
                                .build());
        assertThat(read(FROM_LEADER, bytes(FROM_LEADER, Frame.of(leader))).hello())
                .isEqualTo(leader);
        assertThat(read(FROM_LEADER, new byte[0]).messages()).isEmpty();
    }

    @Test
    void skipsFieldsThatItDoesNotKnow() throws IOException {
        var known = written(FROM_FOLLOWER, List.of(Messages.ack(5)));
        var unknown = new byte[] {(byte) (15 << 3), 1, (byte) (14 << 3 | 2), 1, 0};
        var bytes = new ByteArrayOutputStream();
        bytes.write(unknown);
        bytes.write(known);

        assertThat(messages(read(FROM_FOLLOWER, bytes.toByteArray())))
                .isEqualTo(List.of(Messages.ack(5)));
    }

    @Test
    void refusesBytesThatAreNoFrame() throws IOException {
        var whole = written(FROM_LEADER, List.of(Messages.push(1, new Messages.Bytes(50, 3))));
        var random = new Random(20_26);
        for (var length = 1; length < whole.length; length++) {
            var cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(FROM_LEADER, cut))
                    .as("cut to %d", length)
                    .isInstanceOf(StatusRuntimeException.class);
        }
        for (var round = 0; round < 20_000; round++) {
            var changed = whole.clone();
            changed[random.nextInt(60)] = (byte) random.nextInt();
            try {
                read(FROM_LEADER, changed);
            } catch (StatusRuntimeException refused) {
                assertThat(refused.getStatus().getDescription()).contains("frame");
            }
        }
    }

    private static PushedBatches batches(Frame frame, int index) {
        return ((ReplicaMessage.Push) frame.messages().get(index).message()).batches();
    }

    private static List<ReplicaMessage> messages(Frame frame) {
        return frame.messages().stream().map(Addressed::message).toList();
    }

    private static byte[] written(FrameMarshaller marshaller, List<? extends ReplicaMessage> all)
            throws IOException {
        return bytes(
                marshaller,
                Frame.of(all.stream().map(message -> new Addressed(PARTITION, message)).toList()));
    }

    private static byte[] bytes(FrameMarshaller marshaller, Frame frame) throws IOException {
        var drained = new ByteArrayOutputStream();
        var stream = marshaller.stream(frame);
        int known = stream.available();
        assertThat(((Drainable) stream).drainTo(drained)).isEqualTo(known);
        assertThat(drained.size()).isEqualTo(known);
        // Who does not drain reads the same.
        assertThat(marshaller.stream(frame).readAllBytes()).isEqualTo(drained.toByteArray());
        return drained.toByteArray();
    }

    private static Frame read(FrameMarshaller marshaller, byte[] bytes) {
        return marshaller.parse(new Known(bytes));
    }

    private static final class Known extends ByteArrayInputStream implements KnownLength {

        Known(byte[] bytes) {
            super(bytes);
        }
    }
}
