// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;

import io.grpc.protobuf.StatusProto;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The one place where statuses become exceptions.
final class StatusMapping {

    private static final String DOMAIN = "weir";
    private static final String UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PARTITION";

    private StatusMapping() {}

    /// @param failure as a stub throws it or a stream observer gets it
    static ClientException toException(Throwable failure) {
        if (failure instanceof ClientException known) {
            return known;
        }
        var status = StatusProto.fromThrowable(failure);
        var code = io.grpc.Status.fromThrowable(failure).getCode();
        if (status != null && status.getDetailsCount() > 0) {
            return toException(status);
        }
        return switch (code) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN ->
                    new ClientException.Unreachable(
                            code + ": " + io.grpc.Status.fromThrowable(failure).getDescription(),
                            failure);
            default ->
                    new ClientException.Refused(
                            code,
                            code.name(),
                            String.valueOf(failure.getMessage()),
                            Map.of(),
                            Optional.empty());
        };
    }

    /// @param status of one request, as answers carry it
    static ClientException.Refused toException(Status status) {
        var code = io.grpc.Status.fromCodeValue(status.getCode()).getCode();
        var reason = code.name();
        Map<String, String> metadata = Map.of();
        Optional<Duration> retryDelay = Optional.empty();
        try {
            for (var detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    var info = detail.unpack(ErrorInfo.class);
                    if (info.getDomain().equals(DOMAIN)) {
                        reason = info.getReason();
                        metadata = info.getMetadataMap();
                    }
                } else if (detail.is(RetryInfo.class)) {
                    var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                    retryDelay =
                            Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            // A detail that cannot be read leaves the code and the message, which stand by
            // themselves.
            metadata = Map.of();
        }
        return new ClientException.Refused(code, reason, status.getMessage(), metadata, retryDelay);
    }

    /// Whether the request itself was refused, or the node or the moment was wrong.
    static boolean canRetry(ClientException failure) {
        return switch (failure) {
            case ClientException.Unreachable _ -> true;
            case ClientException.Refused refused ->
                    refused.retryDelay().isPresent()
                            || refused.code() == io.grpc.Status.Code.UNAVAILABLE
                            || refused.code() == io.grpc.Status.Code.DEADLINE_EXCEEDED
                            || refused.reason().equals("NOT_LEADER")
                            || refused.reason().equals("FENCED_EPOCH")
                            || refused.reason().equals("OUTCOME_UNKNOWN");
            case ClientException.DeliveryTimeout _,
                    ClientException.OutcomeUnknown _,
                    ClientException.MemoryExhausted _,
                    ClientException.RecordTooLarge _,
                    ClientException.CorruptBatch _,
                    ClientException.Closed _ ->
                    false;
        };
    }

    /// Whether the node that answered, or did not, is the problem: another one may answer.
    static boolean isOfTheNode(ClientException failure) {
        return failure instanceof ClientException.Unreachable
                || failure.reason().equals("NODE_STOPPING")
                || failure.reason().equals("NODE_NOT_READY")
                || failure.reason().equals("UNAVAILABLE");
    }

    /// Whether a node knows no topic of the name that was asked for.
    static boolean isUnknownTopic(ClientException failure) {
        return failure.reason().equals(UNKNOWN_TOPIC);
    }

    /// What the server would say of a partition that is not there.
    static ClientException.Refused unknownPartition(String topic, String partition) {
        return new ClientException.Refused(
                io.grpc.Status.Code.NOT_FOUND,
                UNKNOWN_TOPIC,
                "topic " + topic + " has no partition " + partition,
                Map.of("topic", topic, "partition", partition),
                Optional.empty());
    }

    static boolean isOk(Status status) {
        return status.getCode() == Code.OK_VALUE;
    }
}
