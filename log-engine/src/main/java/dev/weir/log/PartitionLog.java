// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.producer.SequenceCheck;
import dev.weir.log.recovery.LogRecovery;
import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentReader;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// One partition's log: batches in offset order, in segments on one disk.
///
/// **Threading:** one writer. All methods but those marked *any thread* are called by one thread at
/// a time (the partition's turn), with a happens-before between turns. None of them waits for a
/// flush except [#open], [#truncateTo], [#resetTo] and [#close].
///
/// **Durability:** nothing is durable on return of an append. Bytes become durable only through
/// [#beginFlush], [FlushTicket#run], [#complete].
///
/// **Failure:** every method may throw [LogException]. [LogException.DiskFullException] and
/// [LogException.ResourcesExhaustedException] of an append leave the log as it was, readable, and
/// the next append may succeed. Any other one ends the log: what was appended may be read, nothing
/// more is taken or proved.
public final class PartitionLog implements AutoCloseable {

    private RecoveryReport recovery;
    private final LogContents log;
    private final LogAppends appends;
    private final LogFlushes flushes;
    private final LogCuts cuts;
    private final LogReads reads;

    private PartitionLog(
            LogDirectory directory, PartitionId partition, LogOpening opening, LogConfig config) {
        this.recovery = opening.report();
        this.log = new LogContents(directory, partition, opening, config);
        this.appends = new LogAppends(log);
        this.flushes = new LogFlushes(log);
        this.cuts = new LogCuts(log);
        this.reads = new LogReads(log.files.directory(), log.files.context(), () -> log.segments);
    }

    /// Opens a partition's log and recovers it. Waits for the disk: everything kept is durable on
    /// return. Makes no file for a partition that has none.
    ///
    /// @param nowMs wall time; producers whose batches are read again count as active now
    /// @throws LogException.CorruptLogException if bytes that had been durable are damaged: nothing
    ///   was changed then, and only an operator's word may give anything up
    public static PartitionLog open(
            LogDirectory directory, PartitionId partition, LogConfig config, long nowMs) {
        return open(directory, partition, config, RecoveryMode.KEEP_ALL, nowMs);
    }

    /// Opens with a given answer to damage.
    public static PartitionLog open(
            LogDirectory directory,
            PartitionId partition,
            LogConfig config,
            RecoveryMode mode,
            long nowMs) {
        var request =
                new LogRecovery.Request(
                        directory.recoveryPoint(partition), mode, config.indexIntervalBytes());
        var opening = LogOpening.open(directory.files(partition), request, nowMs);
        var log = new PartitionLog(directory, partition, opening, config);
        if (mode == RecoveryMode.DROP_UNPROVEN) {
            var proved = Math.max(request.recoveryPoint(), log.logStartOffset());
            log.recovery = opening.report().cutTo(log.truncateTo(proved));
        }
        directory.lowerRecoveryPoint(partition, log.logEndOffset());
        directory.opened(log);
        return log;
    }

    /// What [#open] found and did. *Any thread.*
    public RecoveryReport recovery() {
        return recovery;
    }

    /// Which partition this is. *Any thread.*
    public PartitionId partition() {
        return log.partition;
    }

    /// Takes new settings; they hold from the next append on.
    public void configure(LogConfig newConfig) {
        log.config = newConfig;
    }

    /// Appends one batch as a leader does: its base offset becomes the log end offset.
    ///
    /// @param batch exactly one batch that `BatchValidator` accepted, between position and limit.
    ///   Base offset and leader epoch are stamped into it; position and limit stay
    /// @param leaderEpoch at or above the newest in the log
    /// @param nowMs wall time, for `segment.ms`
    public AppendResult append(ByteBuffer batch, int leaderEpoch, long nowMs) {
        return append(List.of(batch), leaderEpoch, nowMs);
    }

    /// Appends several batches, one a buffer, with one gathering write. All or none are appended.
    ///
    /// @param batches at least one; each as in [#append(ByteBuffer, int, long)]
    public AppendResult append(List<ByteBuffer> batches, int leaderEpoch, long nowMs) {
        return appends.append(batches, leaderEpoch, nowMs);
    }

    /// Appends batches as a follower does: offsets and epochs are those the leader stamped.
    ///
    /// @param batches one or more whole batches that `BatchValidator` accepted, between position
    ///   and limit; the first begins at or above the log end offset, offsets rise, epochs do not
    ///   fall. All or none are appended
    /// @param nowMs wall time, for `segment.ms`
    /// @throws IllegalArgumentException if they do not follow the log's end; nothing was appended
    public AppendResult appendReplicated(ByteBuffer batches, long nowMs) {
        return appendReplicated(List.of(batches), nowMs);
    }

    /// Appends several pieces, each as in [#appendReplicated(ByteBuffer, long)] and following the
    /// one before it, with one gathering write. All or none are appended.
    public AppendResult appendReplicated(List<ByteBuffer> pieces, long nowMs) {
        return appends.appendReplicated(pieces, nowMs);
    }

    /// Judges a sequenced batch against all that is appended. Changes nothing; the leader asks
    /// before it appends.
    ///
    /// @param nowMs wall time, milliseconds since the Unix epoch
    public SequenceCheck checkSequence(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        return log.producers.check(producerId, producerEpoch, baseSequence, recordCount, nowMs);
    }

    /// First offset that is kept. *Any thread.*
    public long logStartOffset() {
        return log.startOffset;
    }

    /// Exclusive end of what was appended. *Any thread.*
    public long logEndOffset() {
        return log.endOffset;
    }

    /// Exclusive end of what completed flushes prove. *Any thread.*
    public long durableEndOffset() {
        return log.durableEndOffset;
    }

    /// Bytes of batches above the last completed flush.
    public long unflushedBytes() {
        return log.segments.dirty().stream().mapToLong(Segment::unflushedBytes).sum();
    }

    /// Bytes of all batches kept, prepared space not counted. *Any thread.*
    public long sizeBytes() {
        return log.segments.all().stream().mapToLong(Segment::sizeBytes).sum();
    }

    /// All segments, lowest first. *Any thread.*
    public List<SegmentInfo> segments() {
        return log.segments.all().stream()
                .map(
                        segment ->
                                new SegmentInfo(
                                        segment.path(),
                                        segment.baseOffset(),
                                        segment.endOffset(),
                                        segment.sizeBytes(),
                                        segment.maxTimestampMs(),
                                        segment.isSealed()))
                .toList();
    }

    /// Epoch of the last batch; -1 for a log that never had one. *Any thread.*
    public int latestEpoch() {
        return log.epochs.latestEpoch().orElse(-1);
    }

    /// Which epoch wrote which offsets. *Any thread.*
    public LeaderEpochHistory epochs() {
        return log.epochs;
    }

    /// What is known of the producers. On the log's turn, read-only.
    public ProducerStates producers() {
        return log.producers;
    }

    /// The producer states at the log start, as [ProducerStates#encodeSnapshot] gives them. On the
    /// log's turn.
    public byte[] producersAtStart() {
        return log.startProducers.clone();
    }

    /// Starts a flush: captures files, end and generation. Does not touch the disk.
    ///
    /// @return empty if everything is durable, if a ticket of this generation is not complete, or
    ///   if the log failed or was closed
    public Optional<FlushTicket> beginFlush() {
        return flushes.begin();
    }

    /// Takes the result of a ticket whose `run` has returned. On the log's turn. Only this moves
    /// [#durableEndOffset] up.
    ///
    /// @throws IllegalStateException if it has not run, or was completed before
    public FlushResult complete(FlushTicket ticket) {
        return flushes.complete(ticket);
    }

    /// Keeps nothing below an offset that a leader named. Not durable: after a restart the log
    /// begins where it did, until a leader names the offset again.
    ///
    /// @param offset at most the log end; at or below the log start nothing happens
    public void raiseLogStart(long offset) {
        if (offset > log.endOffset) {
            throw new IllegalArgumentException(offset + " is above " + log.endOffset);
        }
        if (offset > log.startOffset) {
            log.startOffset = offset;
            log.startProducers =
                    new ProducerStates(log.producers.producersMax(), offset).encodeSnapshot();
        }
    }

    /// Drops everything at and above an offset, by sealing: no byte is overwritten, files above the
    /// cut are renamed away, the next append opens a segment whose base is the cut. Durable on
    /// return; flushes begun before prove nothing any more. May fall behind the offset where that
    /// lies inside a batch, because batches go as a whole.
    ///
    /// @param offset at or above the log start offset; at or above the end nothing happens
    /// @return the new log end offset, exclusive: at most the offset asked for
    /// @throws LogException.DiskFullException as [LogException.ResourcesExhaustedException]: the
    ///   cut is not finished, and nothing but another attempt at it is taken
    public long truncateTo(long offset) {
        return cuts.truncateTo(offset);
    }

    /// Empties the log and begins it anew, as a follower does whose leader has nothing of what it
    /// holds. Durable on return, with epochs and producers; flushes begun before prove nothing.
    /// Fails as [#truncateTo].
    ///
    /// @param startOffset first offset of the log, and its end
    /// @param history epochs up to there, from the leader
    /// @param states producer states at that offset, from the leader
    public void resetTo(long startOffset, LeaderEpochHistory history, ProducerStates states) {
        cuts.resetTo(startOffset, history, states);
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
        if (log.closed) {
            throw new LogException.LogClosedException(log.files.directory());
        }
        // The end first: the list that is read after it has what lies below.
        var end = log.endOffset;
        var start = log.startOffset;
        if (offset < start || offset > end) {
            return new ReadResult.OutOfRange(start, end);
        }
        var limit = Math.min(end, endOffsetLimit);
        return offset >= limit
                ? LogReads.nothing(offset)
                : reads.read(new SegmentReader.Request(offset, maxBytes, limit), mayBlock);
    }

    /// The first batch whose largest timestamp is at or above a time. May wait for the disk. *Any
    /// thread.*
    ///
    /// @param timestampMs milliseconds since the Unix epoch
    /// @param endOffsetLimit exclusive; batches above it are not looked at
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetLimit) {
        return reads.offsetForTimestamp(timestampMs, Math.min(log.endOffset, endOffsetLimit));
    }

    /// Why the log takes no more appends, if it does not. *Any thread.*
    public Optional<LogException> failure() {
        return Optional.ofNullable(log.failure);
    }

    /// Flushes, seals the head, writes the producer snapshot, closes. Waits for the disk. After a
    /// failure it only closes. No turn and no ticket may run.
    ///
    /// @throws LogException if the last flush proved nothing; the log is closed all the same
    /// @throws IllegalStateException if a cut is not finished; the log is closed all the same
    @Override
    public void close() {
        if (log.closed) {
            return;
        }
        try {
            if (log.failure == null) {
                log.requireWritable();
                flushLast();
            }
        } finally {
            abandon();
            log.directory.closed(this);
        }
    }

    private void flushLast() {
        if (log.endOffset == log.startOffset) {
            return;
        }
        log.segments.last().ifPresent(last -> last.seal(log.endOffset));
        log.addSnapshot();
        log.inFlight = null;
        var ticket = beginFlush().orElse(null);
        if (ticket == null) {
            return;
        }
        ticket.run();
        switch (complete(ticket)) {
            case FlushResult.Durable _ -> {
                // Everything is where it is to be.
            }
            case FlushResult.Refused(var cause) -> throw cause;
            case FlushResult.Failed(var cause) -> throw cause;
            case FlushResult.Superseded _ -> throw new IllegalStateException("cut while it closed");
        }
    }

    /// Closes without flushing: after a failure, or before the files are deleted.
    void abandon() {
        log.closed = true;
        log.heads.close();
        log.segments.all().forEach(segment -> segment.leave(Optional.empty()));
    }
}
