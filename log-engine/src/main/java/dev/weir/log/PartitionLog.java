// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.producer.SequenceCheck;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// One partition's log: batches in offset order, in segments on one disk.
///
/// **Threading:** one writer. All methods but those marked *any thread* are called by one thread at
/// a time (the partition's turn), with a happens-before between turns. None of them waits for a
/// flush except [#open], [#truncateTo] and [#close].
///
/// **Durability:** nothing is durable on return of an append. Bytes become durable only through
/// [#beginFlush], [FlushTicket#run], [#complete].
///
/// **Failure:** every method may throw [LogException]. [LogException.DiskFullException] leaves the
/// log as it was, readable, and the next append may succeed. Any other one ends the log: what was
/// appended may be read, nothing more is taken or proved.
@SuppressWarnings("DoNotCallSuggester")
public final class PartitionLog implements AutoCloseable {

    private PartitionLog() {}

    /// Opens a partition's log and recovers it. Waits for the disk: everything kept is durable on
    /// return. Makes no file for a partition that has none.
    ///
    /// @throws LogException.CorruptLogException if bytes that had been durable are damaged: nothing
    ///   was changed then, and only an operator's word may give anything up
    public static PartitionLog open(
            LogDirectory directory, PartitionId partition, LogConfig config) {
        return open(directory, partition, config, RecoveryMode.KEEP_ALL);
    }

    /// Opens with a given answer to damage.
    public static PartitionLog open(
            LogDirectory directory, PartitionId partition, LogConfig config, RecoveryMode mode) {
        throw new UnsupportedOperationException();
    }

    /// What [#open] found and did.
    public RecoveryReport recovery() {
        throw new UnsupportedOperationException();
    }

    /// Which partition this is.
    public PartitionId partition() {
        throw new UnsupportedOperationException();
    }

    /// Takes new settings; they hold from the next append on.
    public void configure(LogConfig config) {
        throw new UnsupportedOperationException();
    }

    /// Appends one batch as a leader does: its base offset becomes the log end offset.
    ///
    /// @param batch exactly one batch that `BatchValidator` accepted, between position and limit.
    ///   Base offset and leader epoch are stamped into it; position and limit stay
    /// @param leaderEpoch at or above the newest in the log
    /// @param nowMs wall time, for `segment.ms`
    public AppendResult append(ByteBuffer batch, int leaderEpoch, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /// Appends several batches, one a buffer, with one gathering write. All or none are appended.
    ///
    /// @param batches at least one; each as in [#append(ByteBuffer, int, long)]
    public AppendResult append(List<ByteBuffer> batches, int leaderEpoch, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /// Appends batches as a follower does: offsets and epochs are those the leader stamped.
    ///
    /// @param batches one or more whole batches that `BatchValidator` accepted, between position
    ///   and limit; the first begins at or above the log end offset, offsets rise, epochs do not
    ///   fall. All or none are appended
    /// @param nowMs wall time, for `segment.ms`
    /// @throws IllegalArgumentException if they do not follow the log's end; nothing was appended
    public AppendResult appendReplicated(ByteBuffer batches, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /// Judges a sequenced batch against all that is appended. Changes nothing; the leader asks
    /// before it appends.
    ///
    /// @param nowMs wall time, milliseconds since the Unix epoch
    public SequenceCheck checkSequence(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /// First offset that is kept. *Any thread.*
    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    /// Exclusive end of what was appended. *Any thread.*
    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    /// Exclusive end of what completed flushes prove. *Any thread.*
    public long durableEndOffset() {
        throw new UnsupportedOperationException();
    }

    /// Bytes of batches above the last completed flush. *Any thread.*
    public long unflushedBytes() {
        throw new UnsupportedOperationException();
    }

    /// Bytes of all batches kept, prepared space not counted. *Any thread.*
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /// All segments, lowest first. *Any thread.*
    public List<SegmentInfo> segments() {
        throw new UnsupportedOperationException();
    }

    /// Epoch of the last batch; -1 for a log that never had one. *Any thread.*
    public int latestEpoch() {
        throw new UnsupportedOperationException();
    }

    /// Where an epoch ends in this log: the answer of `OffsetForLeaderEpoch` (KIP-101, KIP-279).
    ///
    /// @return the largest epoch here that is at or below the one asked for, and the offset at
    ///   which a later one begins, or the log end; empty where there is none at or below it
    public Optional<OffsetAndEpoch> endOffsetForEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /// Starts a flush: captures files, end and generation. Does not touch the disk.
    ///
    /// @return empty if everything is durable, or if a ticket of this generation is not complete
    public Optional<FlushTicket> beginFlush() {
        throw new UnsupportedOperationException();
    }

    /// Takes the result of a ticket whose `run` has returned. On the log's turn. Only this moves
    /// [#durableEndOffset] up.
    public FlushResult complete(FlushTicket ticket) {
        throw new UnsupportedOperationException();
    }

    /// Drops everything at and above an offset, by sealing: no byte is overwritten, files above the
    /// cut are renamed away, the next append opens a segment whose base is the cut. Durable on
    /// return; flushes begun before prove nothing any more. May fall behind the offset where that
    /// lies inside a batch, because batches go as a whole.
    ///
    /// @param offset at or above the log start offset; at or above the end nothing happens
    /// @return the new log end offset, exclusive: at most the offset asked for
    public long truncateTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /// Reads whole batches, the first one even where it is larger than asked for. *Any thread.*
    ///
    /// @param offset where to begin: the batch that holds it is the first one returned
    /// @param maxBytes most bytes returned, except for the first batch
    /// @param endOffsetLimit exclusive: no batch that reaches above it is returned. The caller's
    ///   high watermark, or [#logEndOffset] for a replica
    /// @param mayBlock whether the calling thread may wait for the disk; without, bytes that are
    ///   not mapped are answered with [ReadResult.Cold]
    public ReadResult read(long offset, int maxBytes, long endOffsetLimit, boolean mayBlock) {
        throw new UnsupportedOperationException();
    }

    /// The first batch whose largest timestamp is at or above a time. May wait for the disk. *Any
    /// thread.*
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    /// @param endOffsetLimit exclusive; batches above it are not looked at
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetLimit) {
        throw new UnsupportedOperationException();
    }

    /// Whether the log takes no more appends, and why.
    public Optional<LogException> failure() {
        throw new UnsupportedOperationException();
    }

    /// Flushes, seals the head, writes the producer snapshot, closes. Waits for the disk. After a
    /// failure it only closes. No turn and no ticket may run.
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
