// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.ReadResponse;
import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.TopicRef;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Calls of the public API, and what their errors say.
record ApiClient(Channel channel) {

    private static final long PATIENCE_S = 20;

    AdminServiceGrpc.AdminServiceBlockingStub admin() {
        return AdminServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_S, TimeUnit.SECONDS);
    }

    MetadataServiceGrpc.MetadataServiceBlockingStub metadata() {
        return MetadataServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_S, TimeUnit.SECONDS);
    }

    ProduceServiceGrpc.ProduceServiceBlockingStub produce() {
        return ProduceServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_S, TimeUnit.SECONDS);
    }

    FetchServiceGrpc.FetchServiceBlockingStub fetch() {
        return FetchServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_S, TimeUnit.SECONDS);
    }

    TopicRef createTopic(String name, int partitions) {
        admin().createTopic(
                        CreateTopicRequest.newBuilder()
                                .setName(name)
                                .setPartitions(partitions)
                                .build());
        return topic(name);
    }

    static TopicRef topic(String name) {
        return TopicRef.newBuilder().setName(name).build();
    }

    Receipt append(TopicRef topic, ByteBuffer batch) {
        return produce()
                .append(
                        AppendRequest.newBuilder()
                                .setTopic(topic)
                                .setPartition(0)
                                .setRecordBatch(ByteString.copyFrom(batch.duplicate()))
                                .build())
                .getReceipts(0);
    }

    ReadResponse readAll(TopicRef topic) {
        return fetch().read(
                        ReadRequest.newBuilder()
                                .setTopic(topic)
                                .setStart(StartPosition.newBuilder().setEarliest(true))
                                .build());
    }

    static ProduceRequest request(long id, TopicRef topic, ByteBuffer batch) {
        return ProduceRequest.newBuilder()
                .setRequestId(id)
                .setTopic(topic)
                .setPartition(0)
                .setRecordBatch(ByteString.copyFrom(batch.duplicate()))
                .build();
    }

    static RecordSet records(String... values) {
        var set = RecordSet.newBuilder();
        for (var value : values) {
            set.addRecords(NewRecord.newBuilder().setValue(ByteString.copyFromUtf8(value)));
        }
        return set.build();
    }

    static ByteBuffer batch(String... values) {
        return builder(Compression.NONE, values).build();
    }

    static ByteBuffer sequenced(long producerId, int epoch, int baseSequence, String... values) {
        return builder(Compression.NONE, values)
                .producer(producerId, (short) epoch, baseSequence)
                .build();
    }

    static RecordBatchBuilder builder(Compression compression, String... values) {
        var builder = new RecordBatchBuilder(compression, 64 * 1024 * 1024);
        for (var value : values) {
            builder.tryAppend(
                    System.currentTimeMillis(),
                    null,
                    value.getBytes(StandardCharsets.UTF_8),
                    List.of());
        }
        return builder;
    }

    /// What a refused call says; fails if it is not refused.
    static Refusal refusal(ThrowingCallable call) {
        Throwable thrown = null;
        try {
            call.call();
        } catch (Throwable t) {
            thrown = t;
        }
        assertThat(thrown).isInstanceOf(StatusRuntimeException.class);
        return refusal(thrown);
    }

    static Refusal refusal(Throwable thrown) {
        var status = StatusProto.fromThrowable(thrown);
        assertThat(status).as("a status with details in %s", thrown).isNotNull();
        return refusal(status);
    }

    static Refusal refusal(Status status) {
        assertThat(status.getMessage()).isNotEmpty().doesNotContain("\n").doesNotContain("/tmp/");
        var info = detail(status, ErrorInfo.class);
        assertThat(info).isNotNull();
        assertThat(info.getDomain()).isEqualTo("weir");
        var reason = ErrorReason.valueOf(info.getReason());
        assertThat(status.getCode()).isEqualTo(reason.code().value());
        return new Refusal(reason, status, info);
    }

    static <T extends com.google.protobuf.Message> T detail(Status status, Class<T> type) {
        for (var detail : status.getDetailsList()) {
            if (detail.is(type)) {
                try {
                    return detail.unpack(type);
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return null;
    }

    /// An error as a program sees it.
    record Refusal(ErrorReason reason, Status status, ErrorInfo info) {

        String metadata(String name) {
            return info.getMetadataOrThrow(name);
        }

        boolean saysWhenToRetry() {
            return detail(status, RetryInfo.class) != null;
        }
    }
}
