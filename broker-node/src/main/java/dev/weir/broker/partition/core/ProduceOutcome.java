// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// The answer to one produce. Every case but `Accepted` means that this attempt appended nothing,
/// unless the case says otherwise.
public sealed interface ProduceOutcome {

    /// The batch is in the log, as safe as the receipt says.
    record Accepted(Receipt receipt) implements ProduceOutcome {}

    /// This replica does not lead, or leads in another epoch than the request named. NOT_LEADER:
    /// refresh and retry.
    ///
    /// @param outcomeUnknown the batch was appended before the leadership ended; it may or may not
    ///   survive. Only a retry with the same sequence tells.
    record Refused(NotLeader hint, boolean outcomeUnknown) implements ProduceOutcome {}

    /// NOT_ENOUGH_REPLICAS: the in-sync set is smaller than the topic demands for acks=all.
    record NotEnoughReplicas(int isrCount, int minInsyncReplicas) implements ProduceOutcome {}

    /// CORRUPT_BATCH: the bytes are not one acceptable batch.
    ///
    /// @param field the field at fault, or `batch`
    /// @param reason fit for the sender
    record CorruptBatch(String field, String reason) implements ProduceOutcome {}

    /// MESSAGE_TOO_LARGE.
    record BatchTooLarge(int sizeBytes, int limitBytes) implements ProduceOutcome {}

    /// INVALID_TIMESTAMP: a record's timestamp lies too far ahead of the wall clock.
    record InvalidTimestamp(long timestampMs, long limitMs) implements ProduceOutcome {}

    /// OUT_OF_ORDER_SEQUENCE: a gap, or a batch older than the last five of its producer.
    ///
    /// @param expectedSequence the only new sequence that would be taken
    record OutOfOrderSequence(long producerId, int expectedSequence, int actualSequence)
            implements ProduceOutcome {}

    /// PRODUCER_FENCED: a newer epoch of this producer id has written.
    record ProducerFenced(long producerId, int currentEpoch, int requestEpoch)
            implements ProduceOutcome {}

    /// UNKNOWN_PRODUCER_ID: the partition no longer knows the producer, and the batch is not a
    /// first one. The client takes a new epoch and starts again at sequence 0.
    record UnknownProducerId(long producerId) implements ProduceOutcome {}

    /// Pressure: the partition's queue, or its list of unanswered produces, is full. Retry later.
    record Overloaded(String what) implements ProduceOutcome {}

    /// LOG_DIR_FULL: no space. Writes recover when space returns; reads go on.
    record LogDirFull() implements ProduceOutcome {}

    /// LOG_DIR_OFFLINE: the directory failed or the partition stopped itself.
    ///
    /// @param outcomeUnknown the batch was decided before that; it may or may not be in the log
    ///   after a restart. Only a retry with the same sequence tells.
    record LogDirOffline(String reason, boolean outcomeUnknown) implements ProduceOutcome {}

    /// The deadline passed while the batch waited for its acknowledgement. It is in the log and may
    /// become committed at any time.
    record TimedOut() implements ProduceOutcome {}

    /// The topic was deleted, or the node shuts down.
    ///
    /// @param outcomeUnknown the batch was decided before that; it may or may not be in the log.
    ///   Otherwise it came afterwards, and nothing was stored.
    record Closed(boolean outcomeUnknown) implements ProduceOutcome {}
}
