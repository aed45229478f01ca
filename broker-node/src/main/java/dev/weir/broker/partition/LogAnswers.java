// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.LogQuery;
import dev.weir.broker.partition.core.ResetPoint;
import dev.weir.log.PartitionLog;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.SequenceCheck;

import java.nio.ByteBuffer;

/// A log's answers to its replica's questions.
///
/// **Threading:** the partition's turn.
record LogAnswers(PartitionLog log) implements LogQuery {

    @Override
    public SequenceCheck check(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        return log.checkSequence(producerId, producerEpoch, baseSequence, recordCount, nowMs);
    }

    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public int latestEpoch() {
        return log.latestEpoch();
    }

    @Override
    public LeaderEpochHistory epochs() {
        return log.epochs();
    }

    @Override
    public ResetPoint resetPoint() {
        var start = log.logStartOffset();
        return new ResetPoint(
                start,
                ByteBuffer.wrap(log.epochs().truncateFromEnd(start).encode()),
                ByteBuffer.wrap(log.producersAtStart()));
    }
}
