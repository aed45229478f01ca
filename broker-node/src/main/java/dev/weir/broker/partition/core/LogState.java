// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// A log as recovery left it.
///
/// @param logStartOffset first offset kept
/// @param logEndOffset exclusive end
/// @param durableEndOffset exclusive end of what is on stable storage
/// @param latestEpoch epoch of the last batch, -1 if there never was one
/// @param highWatermark the checkpointed one, whatever it is; 0 if there is none
public record LogState(
        long logStartOffset,
        long logEndOffset,
        long durableEndOffset,
        int latestEpoch,
        long highWatermark) {

    public LogState {
        if (logStartOffset < 0
                || durableEndOffset < logStartOffset
                || logEndOffset < durableEndOffset) {
            throw new IllegalArgumentException(
                    "log from "
                            + logStartOffset
                            + " to "
                            + logEndOffset
                            + ", durable to "
                            + durableEndOffset);
        }
    }

    /// A high watermark that the log can vouch for.
    long startingHighWatermark() {
        return Math.clamp(highWatermark, logStartOffset, logEndOffset);
    }
}
