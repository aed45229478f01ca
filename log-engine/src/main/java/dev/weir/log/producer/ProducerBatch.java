// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.producer;

/// What is remembered of one batch of a producer.
///
/// @param baseSequence sequence of its first record
/// @param lastSequence sequence of its last record, inclusive; below `baseSequence` after a wrap
/// @param baseOffset offset of its first record
/// @param lastOffset offset of its last record, inclusive
/// @param timestampMs largest record timestamp, milliseconds since the Unix epoch
public record ProducerBatch(
        int baseSequence, int lastSequence, long baseOffset, long lastOffset, long timestampMs) {

    /// Refuses what no batch can be.
    public ProducerBatch {
        if (baseSequence < 0 || lastSequence < 0 || baseOffset < 0 || lastOffset < baseOffset) {
            throw new IllegalArgumentException(
                    "sequences "
                            + baseSequence
                            + ".."
                            + lastSequence
                            + ", offsets "
                            + baseOffset
                            + ".."
                            + lastOffset);
        }
    }

    /// Sequence that follows this one by so many records: after [Integer#MAX_VALUE] comes 0.
    ///
    /// @param sequence from 0
    /// @param increment from 0
    public static int sequenceAfter(int sequence, int increment) {
        return (int) (((long) sequence + increment) & Integer.MAX_VALUE);
    }
}
