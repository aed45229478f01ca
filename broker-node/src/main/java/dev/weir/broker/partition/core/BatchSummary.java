// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// What the replica must know of a valid batch to decide about it.
///
/// @param producerId [#NO_PRODUCER_ID] for an unsequenced batch
/// @param baseSequence sequence of the first record; the others follow, and 0 follows 2^31-1
/// @param recordCount at least 1
/// @param maxTimestampMs largest record timestamp, milliseconds since the Unix epoch
public record BatchSummary(
        long producerId,
        short producerEpoch,
        int baseSequence,
        int recordCount,
        long maxTimestampMs) {

    /// The batch carries no sequence: a retry of it cannot be recognised.
    public static final long NO_PRODUCER_ID = -1;

    public BatchSummary {
        if (recordCount < 1 || producerId < NO_PRODUCER_ID) {
            throw new IllegalArgumentException(
                    "recordCount " + recordCount + ", producerId " + producerId);
        }
        if (producerId >= 0 && (producerEpoch < 0 || baseSequence < 0)) {
            throw new IllegalArgumentException(
                    "producerEpoch " + producerEpoch + ", baseSequence " + baseSequence);
        }
    }

    /// Whether a retry can be recognised.
    public boolean isSequenced() {
        return producerId != NO_PRODUCER_ID;
    }

    /// Sequence of the last record, inclusive.
    int lastSequence() {
        return sequenceAfter(baseSequence, recordCount - 1);
    }

    /// The sequence `count` steps after another.
    static int sequenceAfter(int sequence, int count) {
        return (sequence + count) & Integer.MAX_VALUE;
    }
}
