// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordHeader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A batch from its first record to its answer. Open: records go straight into its memory. Sealed,
/// when it is first sent: bytes that change only if the producer's identity does.
///
/// @param <C> what a record's sender is told through
public final class ProducerBatch<C> {

    private final RecordBatchBuilder builder;
    private final long createdNs;
    private final long deadlineNs;
    private final long flushEpoch;
    private final List<C> callbacks = new ArrayList<>();
    private byte[] memory;
    private @Nullable ByteBuffer bytes;

    /// An empty batch.
    ///
    /// @param memory all that it may become, in bytes
    /// @param createdNs monotonic time
    /// @param deadlineNs monotonic time by which it is to be answered
    /// @param flushEpoch the shell's mark, given back as it is
    ProducerBatch(
            Compression compression,
            byte[] memory,
            long createdNs,
            long deadlineNs,
            long flushEpoch) {
        this.builder = new RecordBatchBuilder(compression, memory.length, memory);
        this.memory = memory;
        this.createdNs = createdNs;
        this.deadlineNs = deadlineNs;
        this.flushEpoch = flushEpoch;
    }

    boolean tryAppend(
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            C callback) {
        if (!builder.tryAppend(timestampMs, key, value, headers)) {
            return false;
        }
        callbacks.add(callback);
        return true;
    }

    /// @return the memory before
    byte[] moveTo(byte[] larger) {
        memory = larger;
        return builder.moveTo(larger);
    }

    /// Gives the batch its identity; seals it the first time.
    ///
    /// @param identity `null`: unsequenced
    void identify(@Nullable ProducerIdentity identity, int baseSequence) {
        if (bytes == null) {
            if (identity != null) {
                builder.producer(identity.producerId(), identity.producerEpoch(), baseSequence);
            }
            bytes = builder.build();
        } else if (identity != null) {
            RecordBatch.stampProducer(
                    bytes, 0, identity.producerId(), identity.producerEpoch(), baseSequence);
        }
    }

    /// The bytes to send.
    ///
    /// @throws IllegalStateException before it was first given to send
    public ByteBuffer bytes() {
        if (bytes == null) {
            throw new IllegalStateException("not sealed");
        }
        return bytes;
    }

    /// Size when sent; before, the largest it can have.
    public int sizeBytes() {
        return bytes == null ? builder.sizeBytes() : bytes.limit();
    }

    public int recordCount() {
        return builder.recordCount();
    }

    /// Whom to tell about the record at an index.
    public C callback(int index) {
        return callbacks.get(index);
    }

    /// The array it is built in; counts against the producer's memory until the batch is answered.
    public byte[] memory() {
        return memory;
    }

    /// The mark that the shell gave it.
    public long flushEpoch() {
        return flushEpoch;
    }

    /// Monotonic time of its first record.
    public long createdNs() {
        return createdNs;
    }

    /// Monotonic time by which it is to be answered.
    public long deadlineNs() {
        return deadlineNs;
    }
}
