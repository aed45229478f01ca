// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// The end of a log, or of one leader epoch within it.
///
/// Two replicas that agree on an `OffsetAndEpoch` hold identical batches below `offset` (log
/// matching; KIP-101).
///
/// @param offset exclusive end, in records; 0 for an empty log
/// @param leaderEpoch epoch of the last record below `offset`; [#NO_EPOCH] for an empty log
public record OffsetAndEpoch(long offset, int leaderEpoch) {

    /// Epoch of a log that holds no record. Sorts below every real epoch.
    public static final int NO_EPOCH = -1;

    /// Rejects the two states no code path may create.
    public OffsetAndEpoch {
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset + " < 0");
        }
        if (leaderEpoch < NO_EPOCH) {
            throw new IllegalArgumentException("leaderEpoch " + leaderEpoch + " < " + NO_EPOCH);
        }
    }
}
