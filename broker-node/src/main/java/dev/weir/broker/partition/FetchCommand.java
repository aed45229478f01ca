// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import java.util.OptionalInt;

/// A read of committed records.
///
/// @param offset first offset wanted
/// @param bytesMax how much to give, in bytes; the first batch is given even when it is larger
/// @param leaderEpoch highest leader epoch the reader has seen; a lower leader refuses
/// @param waits `true` to be parked until something at or above `offset` is committed; `false` to
///   get an empty answer at once
public record FetchCommand(long offset, int bytesMax, OptionalInt leaderEpoch, boolean waits) {

    public FetchCommand {
        if (bytesMax < 1) {
            throw new IllegalArgumentException("bytesMax " + bytesMax + " < 1");
        }
    }
}
