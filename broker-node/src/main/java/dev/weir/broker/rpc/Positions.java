// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.StartPosition;
import dev.weir.broker.partition.core.OffsetQuestion;

import java.util.Optional;

/// Start positions as questions to a partition.
final class Positions {

    private Positions() {}

    /// @return empty for a plain offset
    /// @throws ApiException `INVALID_REQUEST` if there is no position
    static Optional<OffsetQuestion> question(String field, StartPosition position) {
        return switch (position.getPositionCase()) {
            case EARLIEST -> Optional.of(new OffsetQuestion.Earliest());
            case LATEST -> Optional.of(new OffsetQuestion.Latest());
            case TIMESTAMP_MS ->
                    Optional.of(new OffsetQuestion.AtTimestamp(position.getTimestampMs()));
            case OFFSET -> Optional.empty();
            case POSITION_NOT_SET ->
                    throw new ApiException(
                            ApiError.badField(
                                    field, "must be earliest, latest, offset or timestamp_ms"));
        };
    }
}
