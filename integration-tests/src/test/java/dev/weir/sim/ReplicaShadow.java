// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.LocalPartition;
import dev.weir.log.PartitionLog;
import dev.weir.log.ReadResult;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// What the checker knows of one replica: every record of its log, by offset, and how far it said
/// it was. Survives the process.
final class ReplicaShadow {

    private static final int BYTES_MAX = 1 << 20;

    final int nodeId;
    final int partition;

    /// Open in the present life; `null` while it is not.
    @Nullable LocalPartition local;

    int[] epochs = new int[256];
    int[] crcs = new int[256];
    int[] records = new int[256];
    int[] sequences = new int[256];
    long[] producers = new long[256];
    int length;

    /// Offset up to which its stable storage is known to hold it.
    long durableEnd;

    /// Since it was last open.
    boolean hasLostPower;

    /// Its disk failed and was given back, and it was not open since.
    boolean isRepaired;

    long highWatermark;
    int leaderEpoch = -1;
    int partitionEpoch = -1;
    boolean isLeading;
    int ledEpoch = -1;

    ReplicaShadow(int nodeId, int partition) {
        this.nodeId = nodeId;
        this.partition = partition;
    }

    /// The epoch of the last record, -1 without one.
    int lastEpoch() {
        return length == 0 ? -1 : epochs[length - 1];
    }

    /// Forgets the process, not the disk.
    void died() {
        local = null;
        highWatermark = 0;
        leaderEpoch = -1;
        partitionEpoch = -1;
        isLeading = false;
    }

    void wiped() {
        length = 0;
        durableEnd = 0;
        isRepaired = false;
    }

    /// Nothing is certain until it is opened.
    void repaired() {
        wiped();
        isRepaired = true;
    }

    /// A copy of what is known, to compare with what a restart finds.
    ReplicaShadow copy() {
        var copy = new ReplicaShadow(nodeId, partition);
        copy.epochs = epochs.clone();
        copy.crcs = crcs.clone();
        copy.records = records.clone();
        copy.sequences = sequences.clone();
        copy.producers = producers.clone();
        copy.length = length;
        copy.durableEnd = durableEnd;
        return copy;
    }

    boolean hasSame(ReplicaShadow other, int offset) {
        return epochs[offset] == other.epochs[offset]
                && crcs[offset] == other.crcs[offset]
                && records[offset] == other.records[offset];
    }

    /// Reads what the log has beyond what is known.
    void readOn(PartitionLog log) {
        long end = log.logEndOffset();
        while (length < end) {
            if (!(log.read(length, BYTES_MAX, end, true)
                    instanceof ReadResult.Batches(var slice))) {
                throw new Violation("I", "node " + nodeId + " cannot read offset " + length);
            }
            var buffer = slice.buffer();
            var bytes = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
            slice.release();
            var before = length;
            for (var batch : RecordBatches.in(bytes)) {
                add(batch);
            }
            if (length == before) {
                throw new Violation("I", "node " + nodeId + " has nothing at offset " + length);
            }
        }
    }

    private void add(RecordBatch batch) {
        if (batch.nextOffset() <= length) {
            return;
        }
        if (batch.baseOffset() != length) {
            throw new Violation(
                    "B2",
                    "node "
                            + nodeId
                            + " has a batch at "
                            + batch.baseOffset()
                            + " where "
                            + length
                            + " was expected");
        }
        if (length > 0 && batch.leaderEpoch() < epochs[length - 1]) {
            throw new Violation("B2", "node " + nodeId + ": the epoch falls at " + length);
        }
        var producer = batch.producerId() << 16 | batch.producerEpoch();
        var reader = RecordReader.open(batch, RecordLimits.DEFAULT);
        for (int i = 0; i < batch.recordCount(); i++) {
            if (length == epochs.length) {
                grow();
            }
            var value = reader.next().value();
            epochs[length] = batch.leaderEpoch();
            crcs[length] = batch.crc() + i;
            records[length] = value == null ? -1 : (int) value.getLong(value.position());
            sequences[length] = batch.baseSequence() + i;
            producers[length] = producer;
            length++;
        }
    }

    private void grow() {
        int size = 2 * epochs.length;
        epochs = Arrays.copyOf(epochs, size);
        crcs = Arrays.copyOf(crcs, size);
        records = Arrays.copyOf(records, size);
        sequences = Arrays.copyOf(sequences, size);
        producers = Arrays.copyOf(producers, size);
    }
}
