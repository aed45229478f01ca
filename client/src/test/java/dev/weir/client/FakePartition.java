// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.RecordBatch;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;
import dev.weir.record.Sequences;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One partition's log in memory, with the sequence rules of a real one.
final class FakePartition {

    /// What became of a batch.
    record Appended(long baseOffset, boolean isDuplicate) {}

    /// A batch that was not taken.
    static final class RefusedException extends RuntimeException {
        RefusedException(String reason) {
            super(reason);
        }
    }

    private static final class ProducerState {
        int epoch = -1;
        int nextSequence;
        final Deque<long[]> recent = new ArrayDeque<>(); // base sequence, base offset
    }

    private final List<ByteBuffer> batches = new ArrayList<>();
    private final Map<Long, ProducerState> producers = new HashMap<>();
    private long endOffset;

    synchronized Appended append(byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes);
        var batch = RecordBatch.at(buffer, 0);
        if (batch.hasProducerId()) {
            var state = producers.get(batch.producerId());
            if (state == null && batch.baseSequence() != 0) {
                throw new RefusedException("UNKNOWN_PRODUCER_ID");
            }
            if (state == null) {
                state = new ProducerState();
                producers.put(batch.producerId(), state);
            }
            if (batch.producerEpoch() < state.epoch) {
                throw new RefusedException("PRODUCER_FENCED");
            }
            if (batch.producerEpoch() == state.epoch) {
                for (var each : state.recent) {
                    if (each[0] == batch.baseSequence()) {
                        return new Appended(each[1], true);
                    }
                }
            }
            boolean isNewEpoch = batch.producerEpoch() > state.epoch;
            if (batch.baseSequence() != (isNewEpoch ? 0 : state.nextSequence)) {
                throw new RefusedException("OUT_OF_ORDER_SEQUENCE");
            }
            state.epoch = batch.producerEpoch();
            state.nextSequence = Sequences.plus(batch.baseSequence(), batch.recordCount());
            if (isNewEpoch) {
                state.recent.clear();
            }
            state.recent.add(new long[] {batch.baseSequence(), endOffset});
            if (state.recent.size() > 5) {
                state.recent.remove();
            }
        }
        RecordBatch.stamp(buffer, 0, endOffset, 0);
        batches.add(buffer);
        long baseOffset = endOffset;
        endOffset = batch.nextOffset();
        return new Appended(baseOffset, false);
    }

    synchronized void forgetProducers() {
        producers.clear();
    }

    synchronized long endOffset() {
        return endOffset;
    }

    /// The first batch that holds or follows an offset; `null` at the end.
    synchronized ByteBuffer batchFrom(long offset) {
        for (var batch : batches) {
            if (RecordBatch.at(batch, 0).nextOffset() > offset) {
                return batch;
            }
        }
        return null;
    }

    synchronized List<RecordBatch> batches() {
        return batches.stream().map(batch -> RecordBatch.at(batch, 0)).toList();
    }

    synchronized List<String> values() {
        var values = new ArrayList<String>();
        for (var batch : batches()) {
            for (var reader = RecordReader.open(batch, RecordLimits.DEFAULT); reader.hasNext(); ) {
                values.add(new String(reader.next().valueBytes(), StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
