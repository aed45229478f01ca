// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import com.google.protobuf.CodedOutputStream;

import dev.weir.api.internal.v1.Ack;
import dev.weir.api.internal.v1.Diverged;
import dev.weir.api.internal.v1.FollowerHello;
import dev.weir.api.internal.v1.LeaderHello;
import dev.weir.api.internal.v1.OpenSession;
import dev.weir.api.internal.v1.Push;
import dev.weir.api.internal.v1.ReplicateRequest;
import dev.weir.api.internal.v1.ReplicateResponse;
import dev.weir.api.internal.v1.Reset;
import dev.weir.api.internal.v1.ToFollower;
import dev.weir.api.internal.v1.ToLeader;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.UUID;

/// Writes frames as `weir.internal.v1` says, without building its messages first: the bytes of a
/// push go from where they are stored to the transport's buffer through a small array.
///
/// Every field is written, zero or not, so that sizes are sums.
final class FrameWriter {

    /// Above the size of a message without batches or a reset's state, in bytes.
    static final int MESSAGE_BYTES = 160;

    private static final int CHUNK_BYTES = 16 * 1024;
    private static final ThreadLocal<byte[]> CHUNK =
            ThreadLocal.withInitial(() -> new byte[CHUNK_BYTES]);

    private static final int MESSAGES = ReplicateRequest.MESSAGES_FIELD_NUMBER;
    private static final int ID_BYTES = 2 * (1 + Long.BYTES);

    private final Frame frame;

    FrameWriter(Frame frame) {
        this.frame = frame;
    }

    /// Size of the whole frame, in bytes.
    int sizeBytes() {
        int size = 0;
        var hello = frame.hello();
        if (hello != null) {
            size += nested(ReplicateRequest.HELLO_FIELD_NUMBER, helloSize(hello));
        }
        for (var addressed : frame.messages()) {
            size += nested(MESSAGES, size(addressed));
        }
        return size;
    }

    /// Writes the whole frame.
    void writeTo(OutputStream target) throws IOException {
        var out = CodedOutputStream.newInstance(target, MESSAGE_BYTES);
        var hello = frame.hello();
        if (hello != null) {
            out.writeTag(ReplicateResponse.HELLO_FIELD_NUMBER, 2);
            out.writeUInt32NoTag(helloSize(hello));
            write(out, hello);
        }
        for (var addressed : frame.messages()) {
            out.writeTag(MESSAGES, 2);
            out.writeUInt32NoTag(size(addressed));
            write(out, target, addressed);
        }
        out.flush();
    }

    private static int helloSize(Hello hello) {
        return switch (hello) {
            case Hello.OfFollower follower ->
                    int32(FollowerHello.PROTOCOL_VERSION_FIELD_NUMBER, follower.protocolVersion())
                            + ID_BYTES
                            + int32(FollowerHello.NODE_ID_FIELD_NUMBER, follower.nodeId())
                            + ID_BYTES
                            + int32(FollowerHello.LANE_FIELD_NUMBER, number(follower.lane()))
                            + int32(FollowerHello.TO_NODE_ID_FIELD_NUMBER, follower.toNodeId());
            case Hello.OfLeader leader ->
                    int32(LeaderHello.NODE_ID_FIELD_NUMBER, leader.nodeId()) + ID_BYTES;
        };
    }

    private static void write(CodedOutputStream out, Hello hello) throws IOException {
        switch (hello) {
            case Hello.OfFollower follower -> {
                out.writeInt32(
                        FollowerHello.PROTOCOL_VERSION_FIELD_NUMBER, follower.protocolVersion());
                id(out, FollowerHello.CLUSTER_ID_HIGH_FIELD_NUMBER, follower.clusterId());
                out.writeInt32(FollowerHello.NODE_ID_FIELD_NUMBER, follower.nodeId());
                id(out, FollowerHello.INCARNATION_HIGH_FIELD_NUMBER, follower.incarnation());
                out.writeInt32(FollowerHello.LANE_FIELD_NUMBER, number(follower.lane()));
                out.writeInt32(FollowerHello.TO_NODE_ID_FIELD_NUMBER, follower.toNodeId());
            }
            case Hello.OfLeader leader -> {
                out.writeInt32(LeaderHello.NODE_ID_FIELD_NUMBER, leader.nodeId());
                id(out, LeaderHello.INCARNATION_HIGH_FIELD_NUMBER, leader.incarnation());
            }
        }
    }

    private static int size(Addressed addressed) {
        var message = addressed.message();
        return ID_BYTES
                + int32(ToLeader.PARTITION_FIELD_NUMBER, addressed.partition().partition())
                + ID_BYTES
                + int64(ToLeader.SESSION_FIELD_NUMBER, message.session().number())
                + int32(ToLeader.LEADER_EPOCH_FIELD_NUMBER, message.leaderEpoch())
                + nested(field(message), bodySize(message));
    }

    private static void write(CodedOutputStream out, OutputStream target, Addressed addressed)
            throws IOException {
        var message = addressed.message();
        id(out, ToLeader.TOPIC_ID_HIGH_FIELD_NUMBER, addressed.partition().topicId());
        out.writeInt32(ToLeader.PARTITION_FIELD_NUMBER, addressed.partition().partition());
        id(out, ToLeader.INCARNATION_HIGH_FIELD_NUMBER, message.session().incarnation());
        out.writeInt64(ToLeader.SESSION_FIELD_NUMBER, message.session().number());
        out.writeInt32(ToLeader.LEADER_EPOCH_FIELD_NUMBER, message.leaderEpoch());
        out.writeTag(field(message), 2);
        out.writeUInt32NoTag(bodySize(message));
        writeBody(out, target, message);
    }

    private static int field(ReplicaMessage message) {
        return switch (message) {
            case ReplicaMessage.OpenSession _ -> ToLeader.OPEN_SESSION_FIELD_NUMBER;
            case ReplicaMessage.Ack _ -> ToLeader.ACK_FIELD_NUMBER;
            case ReplicaMessage.Diverged _ -> ToFollower.DIVERGED_FIELD_NUMBER;
            case ReplicaMessage.Reset _ -> ToFollower.RESET_FIELD_NUMBER;
            case ReplicaMessage.Push _ -> ToFollower.PUSH_FIELD_NUMBER;
            case ReplicaMessage.Refused _ -> ToFollower.REFUSED_FIELD_NUMBER;
        };
    }

    private static int bodySize(ReplicaMessage message) {
        return switch (message) {
            case ReplicaMessage.OpenSession open ->
                    ID_BYTES
                            + int64(OpenSession.FETCH_OFFSET_FIELD_NUMBER, open.fetchOffset())
                            + int32(
                                    OpenSession.LAST_EPOCH_PLUS_ONE_FIELD_NUMBER,
                                    open.lastEpoch() + 1)
                            + int32(OpenSession.LANE_FIELD_NUMBER, number(open.lane()));
            case ReplicaMessage.Ack ack ->
                    int64(Ack.APPENDED_END_FIELD_NUMBER, ack.appendedEnd())
                            + int64(Ack.DURABLE_END_FIELD_NUMBER, ack.durableEnd())
                            + int64(Ack.HIGH_WATERMARK_FIELD_NUMBER, ack.highWatermark());
            case ReplicaMessage.Diverged diverged ->
                    int32(Diverged.EPOCH_PLUS_ONE_FIELD_NUMBER, diverged.epoch() + 1)
                            + int64(Diverged.END_OFFSET_FIELD_NUMBER, diverged.endOffset());
            case ReplicaMessage.Reset reset ->
                    int64(Reset.LOG_START_FIELD_NUMBER, reset.logStart())
                            + nested(
                                    Reset.EPOCH_HISTORY_FIELD_NUMBER,
                                    reset.epochHistory().remaining())
                            + nested(
                                    Reset.PRODUCER_STATES_FIELD_NUMBER,
                                    reset.producerStates().remaining());
            case ReplicaMessage.Push push ->
                    int64(Push.BASE_OFFSET_FIELD_NUMBER, push.baseOffset())
                            + int64(Push.HIGH_WATERMARK_FIELD_NUMBER, push.highWatermark())
                            + int64(Push.LOG_START_FIELD_NUMBER, push.logStart())
                            + nested(Push.BATCHES_FIELD_NUMBER, push.batches().sizeBytes());
            case ReplicaMessage.Refused _ -> 0;
        };
    }

    private static void writeBody(
            CodedOutputStream out, OutputStream target, ReplicaMessage message) throws IOException {
        switch (message) {
            case ReplicaMessage.OpenSession open -> {
                id(out, OpenSession.DIRECTORY_ID_HIGH_FIELD_NUMBER, open.directoryId());
                out.writeInt64(OpenSession.FETCH_OFFSET_FIELD_NUMBER, open.fetchOffset());
                out.writeInt32(OpenSession.LAST_EPOCH_PLUS_ONE_FIELD_NUMBER, open.lastEpoch() + 1);
                out.writeInt32(OpenSession.LANE_FIELD_NUMBER, number(open.lane()));
            }
            case ReplicaMessage.Ack ack -> {
                out.writeInt64(Ack.APPENDED_END_FIELD_NUMBER, ack.appendedEnd());
                out.writeInt64(Ack.DURABLE_END_FIELD_NUMBER, ack.durableEnd());
                out.writeInt64(Ack.HIGH_WATERMARK_FIELD_NUMBER, ack.highWatermark());
            }
            case ReplicaMessage.Diverged diverged -> {
                out.writeInt32(Diverged.EPOCH_PLUS_ONE_FIELD_NUMBER, diverged.epoch() + 1);
                out.writeInt64(Diverged.END_OFFSET_FIELD_NUMBER, diverged.endOffset());
            }
            case ReplicaMessage.Reset reset -> {
                out.writeInt64(Reset.LOG_START_FIELD_NUMBER, reset.logStart());
                bytes(out, target, Reset.EPOCH_HISTORY_FIELD_NUMBER, reset.epochHistory());
                bytes(out, target, Reset.PRODUCER_STATES_FIELD_NUMBER, reset.producerStates());
            }
            case ReplicaMessage.Push push -> {
                out.writeInt64(Push.BASE_OFFSET_FIELD_NUMBER, push.baseOffset());
                out.writeInt64(Push.HIGH_WATERMARK_FIELD_NUMBER, push.highWatermark());
                out.writeInt64(Push.LOG_START_FIELD_NUMBER, push.logStart());
                bytes(out, target, Push.BATCHES_FIELD_NUMBER, push.batches().buffer());
            }
            case ReplicaMessage.Refused _ -> {
                // It has no fields of its own.
            }
        }
    }

    private static void bytes(
            CodedOutputStream out, OutputStream target, int field, ByteBuffer bytes)
            throws IOException {
        out.writeTag(field, 2);
        out.writeUInt32NoTag(bytes.remaining());
        if (!bytes.hasRemaining()) {
            return;
        }
        out.flush();
        if (bytes.hasArray()) {
            target.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            return;
        }
        var chunk = CHUNK.get();
        var rest = bytes.duplicate();
        while (rest.hasRemaining()) {
            int length = Math.min(chunk.length, rest.remaining());
            rest.get(chunk, 0, length);
            target.write(chunk, 0, length);
        }
    }

    private static void id(CodedOutputStream out, int highField, UUID id) throws IOException {
        out.writeFixed64(highField, id.getMostSignificantBits());
        out.writeFixed64(highField + 1, id.getLeastSignificantBits());
    }

    static int number(Lane lane) {
        return switch (lane) {
            case IN_SYNC -> dev.weir.api.internal.v1.Lane.LANE_IN_SYNC_VALUE;
            case CATCHING_UP -> dev.weir.api.internal.v1.Lane.LANE_CATCHING_UP_VALUE;
        };
    }

    private static int int32(int field, int value) {
        return CodedOutputStream.computeInt32Size(field, value);
    }

    private static int int64(int field, long value) {
        return CodedOutputStream.computeInt64Size(field, value);
    }

    private static int nested(int field, int size) {
        return CodedOutputStream.computeTagSize(field)
                + CodedOutputStream.computeUInt32SizeNoTag(size)
                + size;
    }
}
