// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.producer;

/// What a partition makes of the sequence numbers of one batch. Every case is expected in a healthy
/// cluster.
public sealed interface SequenceCheck {

    /// The batch is the producer's next one, or the first of a new producer or epoch.
    record InOrder() implements SequenceCheck {}

    /// The batch is in the log already. It is answered like the first time, and under the same
    /// rule: not before the high watermark has passed it.
    ///
    /// @param baseOffset offset of its first record
    /// @param lastOffset offset of its last record, inclusive
    record Duplicate(long baseOffset, long lastOffset) implements SequenceCheck {}

    /// The batch leaves a gap, or repeats what is too old to be recognised; it is not written.
    ///
    /// @param expectedSequence the base sequence of the producer's next batch
    record OutOfOrder(int expectedSequence) implements SequenceCheck {}

    /// A newer instance of the producer has written.
    ///
    /// @param currentEpoch the newest producer epoch this partition has seen
    record FencedEpoch(short currentEpoch) implements SequenceCheck {}

    /// Nothing is known of the producer, and the batch is not its first: its state expired, was
    /// evicted or removed. The producer takes a new epoch and begins at sequence 0.
    record UnknownProducer() implements SequenceCheck {}
}
