// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.Refusal;

/// What the controller's refusals are called outside.
final class ControllerErrors {

    private ControllerErrors() {}

    /// The refusal of a command.
    ///
    /// @throws IllegalStateException if the command was carried out
    static ApiError of(GatewayOutcome outcome) {
        return switch (outcome) {
            case GatewayOutcome.Committed committed ->
                    throw new IllegalStateException("not a refusal: " + committed);
            case GatewayOutcome.Refused(var refusal, _) -> of(refusal);
            case GatewayOutcome.NotController(var hint) -> {
                var error =
                        ApiError.of(
                                ErrorReason.NO_CONTROLLER,
                                "no controller is active on this node now; repeat");
                yield hint.isPresent() ? error.with("leader_hint", hint.getAsInt()) : error;
            }
            case GatewayOutcome.Unknown(var reason) ->
                    ApiError.of(
                            ErrorReason.CHANGE_OUTCOME_UNKNOWN,
                            "the change may or may not have been made: "
                                    + reason
                                    + "; look, then decide");
        };
    }

    private static ApiError of(Refusal refusal) {
        var reason = reason(refusal.code());
        var error = ApiError.of(reason, refusal.message());
        return switch (reason) {
            case INVALID_TOPIC_NAME -> error.violating("name", refusal.message());
            case INVALID_PARTITION_COUNT -> error.violating("partitions", refusal.message());
            case INVALID_REPLICATION_FACTOR ->
                    error.violating("replication_factor", refusal.message());
            case INVALID_CONFIG -> error.violating("configs", refusal.message());
            case PARTITION_LIMIT -> error.violating("partitions", refusal.message());
            default -> error;
        };
    }

    private static ErrorReason reason(Refusal.Code code) {
        return switch (code) {
            case INVALID_TOPIC_NAME -> ErrorReason.INVALID_TOPIC_NAME;
            case TOPIC_EXISTS -> ErrorReason.TOPIC_EXISTS;
            case UNKNOWN_TOPIC, UNKNOWN_PARTITION -> ErrorReason.UNKNOWN_TOPIC_OR_PARTITION;
            case UNKNOWN_TOPIC_ID -> ErrorReason.UNKNOWN_TOPIC_ID;
            case INVALID_PARTITIONS -> ErrorReason.INVALID_PARTITION_COUNT;
            case INVALID_REPLICATION_FACTOR -> ErrorReason.INVALID_REPLICATION_FACTOR;
            case INVALID_CONFIG -> ErrorReason.INVALID_CONFIG;
            case LIMIT_EXCEEDED -> ErrorReason.PARTITION_LIMIT;
            case UNKNOWN_BROKER -> ErrorReason.UNKNOWN_BROKER;
            case FENCED_LEADER_EPOCH -> ErrorReason.FENCED_EPOCH;
            case BUSY -> ErrorReason.NODE_OVERLOADED;
            case STALE_REGISTRATION, STALE_INCARNATION -> ErrorReason.NODE_NOT_READY;
            case UNSUPPORTED_VERSION -> ErrorReason.UNSUPPORTED;
            case BROKER_IN_USE -> ErrorReason.BROKER_IN_USE;
            case UNKNOWN_VOTER -> ErrorReason.UNKNOWN_VOTER;
            case VOTER_EXISTS -> ErrorReason.VOTER_EXISTS;
            case QUORUM_AT_RISK -> ErrorReason.QUORUM_AT_RISK;
            case VOTER_NOT_READY -> ErrorReason.VOTER_NOT_READY;
            case VOTER_CHANGE_IN_PROGRESS -> ErrorReason.VOTER_CHANGE_IN_PROGRESS;
            case STALE_PARTITION_EPOCH, INELIGIBLE_REPLICA, WRONG_DIRECTORY ->
                    ErrorReason.INVALID_REQUEST;
        };
    }
}
