// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;

import dev.weir.api.internal.v1.Ack;
import dev.weir.api.internal.v1.Diverged;
import dev.weir.api.internal.v1.FollowerHello;
import dev.weir.api.internal.v1.LeaderHello;
import dev.weir.api.internal.v1.OpenSession;
import dev.weir.api.internal.v1.Push;
import dev.weir.api.internal.v1.ReplicateRequest;
import dev.weir.api.internal.v1.Reset;
import dev.weir.api.internal.v1.ToFollower;
import dev.weir.api.internal.v1.ToLeader;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.SessionId;
import dev.weir.log.PartitionId;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Reads frames from the bytes of one message. What a push carries stays where it is: a slice of
/// those bytes.
///
/// Fields may come in any order, and unknown ones are skipped, as protobuf wants it.
final class FrameReader {

    /// Which side wrote the frame.
    enum From {
        FOLLOWER,
        LEADER
    }

    private final byte[] bytes;
    private final From from;
    private final CodedInputStream in;

    // Of the message that is being read.
    private long topicHigh;
    private long topicLow;
    private int partition;
    private long incarnationHigh;
    private long incarnationLow;
    private long session;
    private int leaderEpoch;
    private final long[] numbers = new long[6];
    private final ByteBuffer[] parts = new ByteBuffer[2];
    private int body;

    /// @param bytes one whole message, which nobody else writes to
    FrameReader(byte[] bytes, From from) {
        this.bytes = bytes;
        this.from = from;
        this.in = CodedInputStream.newInstance(bytes);
    }

    /// Reads the frame.
    ///
    /// @throws IOException if the bytes are no frame of that side
    Frame read() throws IOException {
        Hello hello = null;
        var messages = new ArrayList<Addressed>(1);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case ReplicateRequest.HELLO_FIELD_NUMBER -> hello = readHello();
                case ReplicateRequest.MESSAGES_FIELD_NUMBER -> messages.add(readMessage());
                default -> in.skipField(tag);
            }
        }
        return new Frame(hello, List.copyOf(messages), bytes.length);
    }

    private Hello readHello() throws IOException {
        var fields = new long[FollowerHello.TO_NODE_ID_FIELD_NUMBER + 1];
        int end = enter();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            number(tag, fields);
        }
        in.popLimit(end);
        return from == From.LEADER
                ? new Hello.OfLeader(
                        (int) fields[LeaderHello.NODE_ID_FIELD_NUMBER],
                        id(fields, LeaderHello.INCARNATION_HIGH_FIELD_NUMBER))
                : new Hello.OfFollower(
                        (int) fields[FollowerHello.PROTOCOL_VERSION_FIELD_NUMBER],
                        id(fields, FollowerHello.CLUSTER_ID_HIGH_FIELD_NUMBER),
                        (int) fields[FollowerHello.NODE_ID_FIELD_NUMBER],
                        id(fields, FollowerHello.INCARNATION_HIGH_FIELD_NUMBER),
                        lane(fields[FollowerHello.LANE_FIELD_NUMBER]),
                        (int) fields[FollowerHello.TO_NODE_ID_FIELD_NUMBER]);
    }

    private Addressed readMessage() throws IOException {
        clear();
        int end = enter();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case ToLeader.TOPIC_ID_HIGH_FIELD_NUMBER -> topicHigh = in.readFixed64();
                case ToLeader.TOPIC_ID_LOW_FIELD_NUMBER -> topicLow = in.readFixed64();
                case ToLeader.PARTITION_FIELD_NUMBER -> partition = in.readInt32();
                case ToLeader.INCARNATION_HIGH_FIELD_NUMBER -> incarnationHigh = in.readFixed64();
                case ToLeader.INCARNATION_LOW_FIELD_NUMBER -> incarnationLow = in.readFixed64();
                case ToLeader.SESSION_FIELD_NUMBER -> session = in.readInt64();
                case ToLeader.LEADER_EPOCH_FIELD_NUMBER -> leaderEpoch = in.readInt32();
                default -> {
                    if (isBody(tag >>> 3)) {
                        body = tag >>> 3;
                        readBody();
                    } else {
                        in.skipField(tag);
                    }
                }
            }
        }
        in.popLimit(end);
        if (partition < 0) {
            throw new InvalidProtocolBufferException("partition " + partition + " < 0");
        }
        return new Addressed(
                new PartitionId(new UUID(topicHigh, topicLow), partition),
                from == From.FOLLOWER ? toLeader() : toFollower());
    }

    private boolean isBody(int field) {
        int last =
                from == From.FOLLOWER ? ToLeader.ACK_FIELD_NUMBER : ToFollower.REFUSED_FIELD_NUMBER;
        return field >= ToLeader.OPEN_SESSION_FIELD_NUMBER && field <= last;
    }

    private void readBody() throws IOException {
        int end = enter();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if ((tag & 7) == 2) {
                readPart(tag >>> 3);
            } else {
                number(tag, numbers);
            }
        }
        in.popLimit(end);
    }

    /// Bytes are read where they are: no copy.
    private void readPart(int field) throws IOException {
        int length = in.readRawVarint32();
        int at = in.getTotalBytesRead();
        in.skipRawBytes(length);
        boolean second =
                body == ToFollower.RESET_FIELD_NUMBER
                        && field == Reset.PRODUCER_STATES_FIELD_NUMBER;
        parts[second ? 1 : 0] = ByteBuffer.wrap(bytes, at, length).slice();
    }

    private void number(int tag, long[] into) throws IOException {
        long value =
                switch (tag & 7) {
                    case 0 -> in.readRawVarint64();
                    case 1 -> in.readRawLittleEndian64();
                    default -> {
                        in.skipField(tag);
                        yield 0;
                    }
                };
        if (tag >>> 3 < into.length) {
            into[tag >>> 3] = value;
        }
    }

    private ReplicaMessage toLeader() throws IOException {
        var id = new SessionId(new UUID(incarnationHigh, incarnationLow), session);
        return switch (body) {
            case ToLeader.OPEN_SESSION_FIELD_NUMBER ->
                    new ReplicaMessage.OpenSession(
                            id,
                            leaderEpoch,
                            id(numbers, OpenSession.DIRECTORY_ID_HIGH_FIELD_NUMBER),
                            lane(numbers[OpenSession.LANE_FIELD_NUMBER]),
                            numbers[OpenSession.FETCH_OFFSET_FIELD_NUMBER],
                            (int) numbers[OpenSession.LAST_EPOCH_PLUS_ONE_FIELD_NUMBER] - 1);
            case ToLeader.ACK_FIELD_NUMBER ->
                    new ReplicaMessage.Ack(
                            id,
                            leaderEpoch,
                            numbers[Ack.APPENDED_END_FIELD_NUMBER],
                            numbers[Ack.DURABLE_END_FIELD_NUMBER],
                            numbers[Ack.HIGH_WATERMARK_FIELD_NUMBER]);
            default -> throw noBody();
        };
    }

    private ReplicaMessage toFollower() throws IOException {
        var id = new SessionId(new UUID(incarnationHigh, incarnationLow), session);
        return switch (body) {
            case ToFollower.DIVERGED_FIELD_NUMBER ->
                    new ReplicaMessage.Diverged(
                            id,
                            leaderEpoch,
                            (int) numbers[Diverged.EPOCH_PLUS_ONE_FIELD_NUMBER] - 1,
                            numbers[Diverged.END_OFFSET_FIELD_NUMBER]);
            case ToFollower.RESET_FIELD_NUMBER ->
                    new ReplicaMessage.Reset(
                            id,
                            leaderEpoch,
                            numbers[Reset.LOG_START_FIELD_NUMBER],
                            part(0),
                            part(1));
            case ToFollower.PUSH_FIELD_NUMBER ->
                    new ReplicaMessage.Push(
                            id,
                            leaderEpoch,
                            numbers[Push.BASE_OFFSET_FIELD_NUMBER],
                            part(0).hasRemaining()
                                    ? new ReceivedBatches(part(0))
                                    : PushedBatches.NONE,
                            numbers[Push.HIGH_WATERMARK_FIELD_NUMBER],
                            numbers[Push.LOG_START_FIELD_NUMBER]);
            case ToFollower.REFUSED_FIELD_NUMBER -> new ReplicaMessage.Refused(id, leaderEpoch);
            default -> throw noBody();
        };
    }

    private ByteBuffer part(int index) {
        @Nullable ByteBuffer part = parts[index];
        return part == null ? ByteBuffer.allocate(0) : part;
    }

    private void clear() {
        topicHigh = 0;
        topicLow = 0;
        partition = 0;
        incarnationHigh = 0;
        incarnationLow = 0;
        session = 0;
        leaderEpoch = 0;
        body = 0;
        java.util.Arrays.fill(numbers, 0);
        parts[0] = ByteBuffer.allocate(0);
        parts[1] = parts[0];
    }

    private int enter() throws IOException {
        return in.pushLimit(in.readRawVarint32());
    }

    private static UUID id(long[] fields, int high) {
        return new UUID(fields[high], fields[high + 1]);
    }

    private static Lane lane(long number) throws IOException {
        for (var lane : Lane.values()) {
            if (FrameWriter.number(lane) == number) {
                return lane;
            }
        }
        throw new InvalidProtocolBufferException("unknown lane " + number);
    }

    private static IOException noBody() {
        return new InvalidProtocolBufferException("a replica message of no known kind");
    }
}
