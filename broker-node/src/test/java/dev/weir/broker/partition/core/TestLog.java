// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.producer.SequenceCheck;

import java.nio.ByteBuffer;

/// A log that is a few numbers.
final class TestLog implements LogQuery {

    private final ProducerStates producers;
    long startOffset;
    LeaderEpochHistory epochs = LeaderEpochHistory.empty();

    TestLog(LogState log, ProducerStates producers) {
        this.producers = producers;
        startOffset = log.logStartOffset();
        if (log.latestEpoch() >= 0) {
            epochs = epochs.assign(log.latestEpoch(), startOffset);
        }
    }

    @Override
    public SequenceCheck check(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        return producers.check(producerId, producerEpoch, baseSequence, recordCount, nowMs);
    }

    @Override
    public long logStartOffset() {
        return startOffset;
    }

    @Override
    public int latestEpoch() {
        return epochs.latestEpoch().orElse(-1);
    }

    @Override
    public LeaderEpochHistory epochs() {
        return epochs;
    }

    @Override
    public ResetPoint resetPoint() {
        return new ResetPoint(
                startOffset,
                ByteBuffer.wrap(epochs.truncateFromEnd(startOffset).encode()),
                ByteBuffer.wrap(new byte[] {1}));
    }
}
