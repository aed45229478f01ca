// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.SequenceCheck;

/// Decides about one batch before anything is written.
///
/// Owned by the replica; not thread-safe.
final class ProduceRules {

    /// What becomes of the batch.
    sealed interface Decision {

        /// It goes to the end of the log.
        record Append() implements Decision {}

        /// It is in the log, or decided, already.
        record Duplicate(long baseOffset) implements Decision {}

        /// It is not taken.
        record Refuse(ProduceOutcome outcome) implements Decision {}
    }

    private final UnappendedSequences sequences;

    ProduceRules(UnappendedSequences sequences) {
        this.sequences = sequences;
    }

    /// Judges what depends on the topic's settings and on the in-sync set.
    ///
    /// @param isrCount committed in-sync replicas, the leader included
    /// @param isrMin members that acks=all demands
    Decision decide(
            ReplicaEvent.Produce produce, PartitionConfig config, int isrCount, int isrMin) {
        var limitMs = saturated(produce.wallMs(), config.timestampAheadMaxMs());
        if (produce.batch().maxTimestampMs() > limitMs) {
            return refuse(
                    new ProduceOutcome.InvalidTimestamp(produce.batch().maxTimestampMs(), limitMs));
        }
        if (produce.acks() == Acks.ALL && isrCount < isrMin) {
            return refuse(new ProduceOutcome.NotEnoughReplicas(isrCount, isrMin));
        }
        return produce.batch().isSequenced() ? sequence(produce) : new Decision.Append();
    }

    private Decision sequence(ReplicaEvent.Produce produce) {
        var batch = produce.batch();
        return switch (sequences.check(batch, produce.wallMs())) {
            case SequenceCheck.InOrder _ -> new Decision.Append();
            case SequenceCheck.Duplicate(long baseOffset, _) -> new Decision.Duplicate(baseOffset);
            case SequenceCheck.OutOfOrder(int expected) ->
                    refuse(
                            new ProduceOutcome.OutOfOrderSequence(
                                    batch.producerId(), expected, batch.baseSequence()));
            case SequenceCheck.FencedEpoch(short current) ->
                    refuse(
                            new ProduceOutcome.ProducerFenced(
                                    batch.producerId(), current, batch.producerEpoch()));
            case SequenceCheck.UnknownProducer _ ->
                    refuse(new ProduceOutcome.UnknownProducerId(batch.producerId()));
        };
    }

    /// The sum, where the setting may be as large as a `long`: the largest one means no limit.
    private static long saturated(long wallMs, long aheadMs) {
        var sum = wallMs + aheadMs;
        return sum < wallMs ? Long.MAX_VALUE : sum;
    }

    private static Decision refuse(ProduceOutcome outcome) {
        return new Decision.Refuse(outcome);
    }
}
