// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordHeader;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;

/// The records of one partition that are not sent yet: full batches, and one that still takes
/// records.
///
/// A batch begins in memory as large as the last one needed, and moves to larger memory as it
/// fills, up to the batch size; so a thousand quiet partitions cost little, and a busy one copies
/// nothing twice. Memory comes from the caller: an append that needs some says so and changes
/// nothing.
///
/// A batch stays open until it is taken: while its partition cannot send, it fills.
///
/// @param <C> what a record's sender is told through
public final class PartitionAccumulator<C> {

    private static final int STEP_FACTOR = 8;
    private static final int FIRST_STEP_BYTES = 4 * 1024;

    private final Settings settings;
    private final ArrayDeque<ProducerBatch<C>> full = new ArrayDeque<>();
    private @Nullable ProducerBatch<C> open;
    private int firstMemoryBytes;

    /// What all partitions of a producer have in common.
    ///
    /// @param batchBytes size at which a batch is full; a larger record gets its own
    /// @param lingerNs how long a batch waits for more records
    /// @param deliveryTimeoutNs from a batch's first record to its answer
    public record Settings(
            Compression compression, int batchBytes, long lingerNs, long deliveryTimeoutNs) {}

    /// An accumulator without records.
    public PartitionAccumulator(Settings settings) {
        this.settings = settings;
        this.firstMemoryBytes = Math.min(FIRST_STEP_BYTES, settings.batchBytes());
    }

    /// Adds a record if the open batch has room.
    ///
    /// @return `false` if it has none: [#memoryWanted] says how much to bring to [#offerMemory]
    public boolean tryAppend(
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            C callback) {
        return open != null && open.tryAppend(timestampMs, key, value, headers, callback);
    }

    /// How much memory the next append of a record needs.
    ///
    /// @param aloneBytes size of a batch with this record alone
    ///   ([RecordBatchBuilder#sizeBytesOfOne])
    public int memoryWanted(int aloneBytes) {
        if (open != null) {
            // Headers of the record and deltas may take a few bytes more than in a batch of its
            // own.
            long together = (long) open.sizeBytes() + aloneBytes;
            if (open.memory().length < settings.batchBytes() && together <= settings.batchBytes()) {
                return step((int) together);
            }
        }
        return Math.max(
                step(aloneBytes),
                aloneBytes <= settings.batchBytes() ? firstMemoryBytes : aloneBytes);
    }

    /// Brings memory: the open batch moves into it if it can grow, else it is full and a new one
    /// begins.
    ///
    /// @param memory of a size that [#memoryWanted] asked for
    /// @param aloneBytes size of a batch with the record alone
    /// @param nowNs monotonic time
    /// @param flushEpoch mark for the batch if one begins
    /// @return memory that is not needed any more; `null` if none
    public byte @Nullable [] offerMemory(
            byte[] memory, int aloneBytes, long nowNs, long flushEpoch) {
        if (open != null) {
            long together = (long) open.sizeBytes() + aloneBytes;
            if (memory.length > open.memory().length
                    && together <= memory.length
                    && together <= settings.batchBytes()) {
                firstMemoryBytes = Math.max(firstMemoryBytes, memory.length);
                return open.moveTo(memory);
            }
            firstMemoryBytes = firstStepFor(open);
            full.add(open);
        }
        open =
                new ProducerBatch<>(
                        settings.compression(),
                        memory,
                        nowNs,
                        nowNs + settings.deliveryTimeoutNs(),
                        flushEpoch);
        return null;
    }

    /// Whether there is no record.
    public boolean isEmpty() {
        return open == null && full.isEmpty();
    }

    /// When a batch may be taken: now if one is full, else when the open one has lingered.
    ///
    /// @return monotonic time; `Long.MAX_VALUE` without records
    public long readyAtNs(long nowNs) {
        if (!full.isEmpty()) {
            return nowNs;
        }
        return open == null || open.recordCount() == 0
                ? Long.MAX_VALUE
                : open.createdNs() + settings.lingerNs();
    }

    /// Takes the oldest batch that is full or has lingered.
    ///
    /// @param isHurried takes an open batch at once: a flush, or memory is short
    /// @return `null` if there is none
    public @Nullable ProducerBatch<C> poll(long nowNs, boolean isHurried) {
        if (!full.isEmpty()) {
            return full.poll();
        }
        if (open == null
                || open.recordCount() == 0
                || (!isHurried && nowNs - readyAtNs(nowNs) < 0)) {
            return null;
        }
        return takeOpen();
    }

    /// Takes the oldest batch if its deadline has passed.
    ///
    /// @return `null` if it has not
    public @Nullable ProducerBatch<C> pollExpired(long nowNs) {
        var oldest = full.isEmpty() ? open : full.peek();
        if (oldest == null || oldest.recordCount() == 0 || nowNs - oldest.deadlineNs() < 0) {
            return null;
        }
        return full.isEmpty() ? takeOpen() : full.poll();
    }

    private @Nullable ProducerBatch<C> takeOpen() {
        var batch = open;
        open = null;
        if (batch != null) {
            // The next one begins where this one ended, so steady traffic never grows and sparse
            // traffic shrinks.
            firstMemoryBytes = firstStepFor(batch);
        }
        return batch;
    }

    private int firstStepFor(ProducerBatch<C> last) {
        return Math.min(step(last.sizeBytes()), settings.batchBytes());
    }

    private int step(int bytes) {
        long step = FIRST_STEP_BYTES;
        while (step < bytes) {
            step *= STEP_FACTOR;
        }
        return (int) Math.max(bytes, Math.min(step, settings.batchBytes()));
    }
}
