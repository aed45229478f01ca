// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.SequenceCheck;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// The sequences of batches that are decided but not yet in the log, laid over what the log knows:
/// several batches of one producer may be decided in one turn and written together.
///
/// Owned by the replica; not thread-safe. Bounded by the batches of one turn.
final class UnappendedSequences {

    private record Decided(int baseSequence, int lastSequence, long baseOffset, long lastOffset) {}

    private record Producer(short epoch, List<Decided> batches) {}

    private final ProducerQuery log;
    private final HashMap<Long, Producer> producers = new HashMap<>();

    UnappendedSequences(ProducerQuery log) {
        this.log = log;
    }

    /// Judges a sequenced batch as if everything decided were in the log.
    SequenceCheck check(BatchSummary batch, long wallMs) {
        var producer = producers.get(batch.producerId());
        if (producer == null) {
            return askLog(batch, wallMs);
        }
        if (batch.producerEpoch() < producer.epoch) {
            return new SequenceCheck.FencedEpoch(producer.epoch);
        }
        if (batch.producerEpoch() > producer.epoch) {
            return batch.baseSequence() == 0
                    ? new SequenceCheck.InOrder()
                    : new SequenceCheck.OutOfOrder(0);
        }
        for (var decided : producer.batches) {
            if (decided.baseSequence == batch.baseSequence()
                    && decided.lastSequence == batch.lastSequence()) {
                return new SequenceCheck.Duplicate(decided.baseOffset, decided.lastOffset);
            }
        }
        var expected = BatchSummary.sequenceAfter(producer.batches.getLast().lastSequence, 1);
        if (batch.baseSequence() == expected) {
            return new SequenceCheck.InOrder();
        }
        return askLog(batch, wallMs) instanceof SequenceCheck.Duplicate duplicate
                ? duplicate
                : new SequenceCheck.OutOfOrder(expected);
    }

    /// Notes that a sequenced batch was given an offset.
    void decided(BatchSummary batch, long baseOffset) {
        var producer = producers.get(batch.producerId());
        if (producer == null || producer.epoch != batch.producerEpoch()) {
            producer = new Producer(batch.producerEpoch(), new ArrayList<>());
            producers.put(batch.producerId(), producer);
        }
        producer.batches.add(
                new Decided(
                        batch.baseSequence(),
                        batch.lastSequence(),
                        baseOffset,
                        baseOffset + batch.recordCount() - 1));
    }

    /// Forgets all: they are in the log now, or never will be.
    void clear() {
        producers.clear();
    }

    private SequenceCheck askLog(BatchSummary batch, long wallMs) {
        return log.check(
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.recordCount(),
                wallMs);
    }
}
