// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.partition.core.Acks;
import dev.weir.log.PartitionId;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// One batch on its way to whoever leads its partition.
///
/// **Threading:** what changes belongs to the turns of its [ProduceLanes].
final class AwayBatch {

    /// Where it is to go.
    ///
    /// @param topic its name, for messages
    record Place(String topic, PartitionId partition) {}

    final String topic;
    final PartitionId partition;
    final ByteBuffer batch;
    final Acks acks;
    final long deadlineMs;
    final BatchListener listener;

    /// Producer of a sequenced batch; -1: unsequenced.
    final long producerId;

    boolean isInFlight;

    /// It had been at the replica here: it goes before what was added since.
    boolean cameBack;

    /// How often it was sent: an answer is to one of these.
    int attempts;

    /// An attempt ended, or may have ended, with the batch in a log.
    boolean isMaybeStored;

    long sentAtMs;
    final long sinceMs = StreamTimers.nowMs();
    @Nullable ApiError lastRefusal;

    /// @param batch whole, from index 0 to the limit
    /// @param deadlineMs monotonic; by then it is answered
    AwayBatch(Place place, ByteBuffer batch, Acks acks, long deadlineMs, BatchListener listener) {
        this.topic = place.topic;
        this.partition = place.partition;
        this.batch = batch;
        this.acks = acks;
        this.deadlineMs = deadlineMs;
        this.listener = listener;
        this.producerId = producerId(batch);
    }

    boolean isSequenced() {
        return producerId >= 0;
    }

    PartitionErrors errors() {
        return new PartitionErrors(topic, partition.partition(), OptionalInt.empty());
    }

    private static long producerId(ByteBuffer batch) {
        if (batch.limit() < RecordBatchFormat.HEADER_BYTES) {
            return -1;
        }
        var header = RecordBatch.peek(batch, 0);
        return header.hasProducerId() ? header.producerId() : -1;
    }
}
