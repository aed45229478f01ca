// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;

import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The one place where a refusal becomes a `google.rpc.Status`.
public final class ErrorMapping {

    /// `ErrorInfo.domain` of every error of ours.
    public static final String DOMAIN = "weir";

    private ErrorMapping() {}

    /// The status of one refusal, with `ErrorInfo` and, where they fit, `RetryInfo`, `BadRequest`
    /// and `QuotaFailure`.
    public static Status toStatus(ApiError error) {
        var status =
                Status.newBuilder()
                        .setCode(error.reason().code().value())
                        .setMessage(error.message());
        status.addDetails(
                Any.pack(
                        ErrorInfo.newBuilder()
                                .setDomain(DOMAIN)
                                .setReason(error.reason().name())
                                .putAllMetadata(error.metadata())
                                .build()));
        var delay = error.retryDelay();
        if (delay != null) {
            var retry = RetryInfo.newBuilder();
            retry.getRetryDelayBuilder()
                    .setSeconds(delay.toSeconds())
                    .setNanos(delay.toNanosPart());
            status.addDetails(Any.pack(retry.build()));
        }
        if (!error.violations().isEmpty()) {
            status.addDetails(violations(error));
        }
        return status.build();
    }

    /// The same, to end a call with.
    public static StatusRuntimeException toException(ApiError error) {
        return StatusProto.toStatusRuntimeException(toStatus(error));
    }

    /// A refusal by another node, as it came over the wire.
    static ApiError toError(Status status) {
        var reason = ErrorReason.INTERNAL_ERROR;
        Map<String, String> metadata = Map.of();
        var violations = new ArrayList<ApiError.Violation>();
        Duration retryDelay = null;
        try {
            for (var detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    var info = detail.unpack(ErrorInfo.class);
                    reason = reason(info.getReason());
                    metadata = info.getMetadataMap();
                } else if (detail.is(RetryInfo.class)) {
                    var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                    retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
                } else if (detail.is(BadRequest.class)) {
                    detail.unpack(BadRequest.class).getFieldViolationsList().stream()
                            .map(v -> new ApiError.Violation(v.getField(), v.getDescription()))
                            .forEach(violations::add);
                } else if (detail.is(QuotaFailure.class)) {
                    detail.unpack(QuotaFailure.class).getViolationsList().stream()
                            .map(v -> new ApiError.Violation(v.getSubject(), v.getDescription()))
                            .forEach(violations::add);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            return ApiError.of(ErrorReason.INTERNAL_ERROR, "another node's answer cannot be read");
        }
        return new ApiError(reason, status.getMessage(), metadata, violations, retryDelay);
    }

    /// A newer node may know reasons that this one does not.
    private static ErrorReason reason(String name) {
        return Arrays.stream(ErrorReason.values())
                .filter(reason -> reason.name().equals(name))
                .findFirst()
                .orElse(ErrorReason.INTERNAL_ERROR);
    }

    private static Any violations(ApiError error) {
        return error.reason().code() == io.grpc.Status.Code.RESOURCE_EXHAUSTED
                ? Any.pack(quotas(error.violations()))
                : Any.pack(fields(error.violations()));
    }

    private static QuotaFailure quotas(List<ApiError.Violation> violations) {
        var failure = QuotaFailure.newBuilder();
        violations.forEach(
                violation ->
                        failure.addViolationsBuilder()
                                .setSubject(violation.subject())
                                .setDescription(violation.description()));
        return failure.build();
    }

    private static BadRequest fields(List<ApiError.Violation> violations) {
        var request = BadRequest.newBuilder();
        violations.forEach(
                violation ->
                        request.addFieldViolationsBuilder()
                                .setField(violation.subject())
                                .setDescription(violation.description()));
        return request.build();
    }
}
