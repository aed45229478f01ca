// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.producer.SequenceCheck;
import dev.weir.log.recovery.LogRecovery;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.ScanWindow;
import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentReader;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
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

    private final LogDirectory directory;
    private final PartitionId partition;
    private final RecoveryReport recovery;
    private final PartitionFiles files;
    private final StateFiles stateFiles;
    private final LogHeads heads;
    private final LogReads reads;

    // Published: the list before the end that needs it.
    private volatile SegmentList segments;
    private volatile long logStartOffset;
    private volatile long logEndOffset;
    private volatile long durableEndOffset;
    private volatile LeaderEpochHistory epochs;
    private volatile @Nullable LogException failure;
    private volatile boolean closed;

    // The writer's own.
    private LogConfig config;
    private ProducerStates producers;
    private long generation;
    private long lastNowMs;
    private @Nullable LogFlush inFlight;
    private List<StateFiles.Snapshot> snapshots = List.of();

    private PartitionLog(
            LogDirectory directory, PartitionId partition, LogOpening opening, LogConfig config) {
        var outcome = opening.outcome();
        this.directory = directory;
        this.partition = partition;
        this.recovery = opening.report();
        this.files = opening.files();
        this.config = config;
        this.segments = new SegmentList(outcome.segments());
        this.logStartOffset = outcome.logStartOffset();
        this.logEndOffset = outcome.logEndOffset();
        this.durableEndOffset = outcome.logEndOffset();
        this.epochs = outcome.epochs();
        this.producers = opening.producers();
        this.lastNowMs = opening.nowMs();
        this.stateFiles = new StateFiles(files, epochs, () -> logStartOffset);
        this.heads = new LogHeads(files, directory.config());
        this.reads = new LogReads(files.directory(), files.context(), () -> segments);
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
        directory.lowerRecoveryPoint(partition, log.logEndOffset);
        directory.opened(log);
        return log;
    }

    /// What [#open] found and did. *Any thread.*
    public RecoveryReport recovery() {
        return recovery;
    }

    /// Which partition this is. *Any thread.*
    public PartitionId partition() {
        return partition;
    }

    /// Takes new settings; they hold from the next append on.
    public void configure(LogConfig newConfig) {
        config = newConfig;
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
        requireWritable();
        if (batches.isEmpty() || leaderEpoch < epochs.latestEpoch().orElse(0)) {
            throw new IllegalArgumentException(
                    batches.size()
                            + " batches of epoch "
                            + leaderEpoch
                            + " after "
                            + latestEpoch());
        }
        var next = logEndOffset;
        var bytes = 0;
        for (var buffer : batches) {
            var batch = RecordBatch.at(buffer, buffer.position());
            requireSize(batch, buffer.remaining());
            RecordBatch.stamp(buffer, buffer.position(), next, leaderEpoch);
            next = Math.addExact(next, batch.lastOffsetDelta() + 1L);
            bytes = Math.addExact(bytes, batch.sizeBytes());
        }
        return write(batches.toArray(ByteBuffer[]::new), bytes, next, nowMs);
    }

    /// Appends batches as a follower does: offsets and epochs are those the leader stamped.
    ///
    /// @param batches one or more whole batches that `BatchValidator` accepted, between position
    ///   and limit; the first begins at or above the log end offset, offsets rise, epochs do not
    ///   fall. All or none are appended
    /// @param nowMs wall time, for `segment.ms`
    /// @throws IllegalArgumentException if they do not follow the log's end; nothing was appended
    public AppendResult appendReplicated(ByteBuffer batches, long nowMs) {
        requireWritable();
        var next = logEndOffset;
        var epoch = epochs.latestEpoch().orElse(0);
        for (var batch : RecordBatches.in(batches)) {
            if (batch.baseOffset() < next || batch.leaderEpoch() < epoch) {
                throw new IllegalArgumentException(
                        batch + " does not follow offset " + next + " of epoch " + epoch);
            }
            requireSize(batch, batch.sizeBytes());
            next = batch.nextOffset();
            epoch = batch.leaderEpoch();
        }
        if (next == logEndOffset) {
            throw new IllegalArgumentException("no batches");
        }
        return write(new ByteBuffer[] {batches}, batches.remaining(), next, nowMs);
    }

    /// Judges a sequenced batch against all that is appended. Changes nothing; the leader asks
    /// before it appends.
    ///
    /// @param nowMs wall time, milliseconds since the Unix epoch
    public SequenceCheck checkSequence(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        return producers.check(producerId, producerEpoch, baseSequence, recordCount, nowMs);
    }

    private static void requireSize(RecordBatch batch, int bytes) {
        if (batch.sizeBytes() != bytes || bytes > ScanWindow.BATCH_BYTES_MAX) {
            throw new IllegalArgumentException(batch + " in " + bytes + " bytes");
        }
    }

    private AppendResult write(ByteBuffer[] batches, int bytes, long end, long nowMs) {
        lastNowMs = nowMs;
        var rolled = roll(bytes, nowMs);
        var head = segments.last().orElseThrow();
        try {
            head.append(batches, bytes, end);
        } catch (LogException.DiskFullException | LogException.ResourcesExhaustedException e) {
            // Some of it may be there: nothing is ever written over it.
            head.seal(logEndOffset);
            throw e;
        } catch (LogException e) {
            throw fail(e);
        }
        var base = -1L;
        var history = epochs;
        for (var buffer : batches) {
            for (var batch : RecordBatches.in(buffer)) {
                base = base < 0 ? batch.baseOffset() : base;
                history = history.assign(batch.leaderEpoch(), batch.baseOffset());
                LogOpening.remember(producers, batch, nowMs);
            }
        }
        epochs = history;
        logEndOffset = end;
        heads.prepareNext(head, config);
        return new AppendResult(base, end, bytes, rolled);
    }

    /// Makes sure that there is a head with room.
    private boolean roll(int bytes, long nowMs) {
        var last = segments.last().orElse(null);
        if (last != null && LogHeads.hasRoom(last, bytes, config, nowMs)) {
            return false;
        }
        try {
            if (last != null) {
                last.seal(logEndOffset);
                if (last.sizeBytes() == 0) {
                    // Left by a write that found the disk full; its base is taken again.
                    drop(last);
                } else {
                    addSnapshot();
                }
            }
            segments = segments.with(heads.create(logEndOffset, config, nowMs));
            return true;
        } catch (LogException.DiskFullException | LogException.ResourcesExhaustedException e) {
            throw e;
        } catch (LogException e) {
            throw fail(e);
        }
    }

    private void addSnapshot() {
        var next = new ArrayList<>(snapshots);
        next.removeIf(snapshot -> snapshot.offset() == logEndOffset);
        next.add(new StateFiles.Snapshot(logEndOffset, producers.encodeSnapshot()));
        snapshots = List.copyOf(next);
    }

    /// First offset that is kept. *Any thread.*
    public long logStartOffset() {
        return logStartOffset;
    }

    /// Exclusive end of what was appended. *Any thread.*
    public long logEndOffset() {
        return logEndOffset;
    }

    /// Exclusive end of what completed flushes prove. *Any thread.*
    public long durableEndOffset() {
        return durableEndOffset;
    }

    /// Bytes of batches above the last completed flush.
    public long unflushedBytes() {
        return segments.dirty().stream().mapToLong(Segment::unflushedBytes).sum();
    }

    /// Bytes of all batches kept, prepared space not counted. *Any thread.*
    public long sizeBytes() {
        return segments.all().stream().mapToLong(Segment::sizeBytes).sum();
    }

    /// All segments, lowest first. *Any thread.*
    public List<SegmentInfo> segments() {
        return segments.all().stream()
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
        return epochs.latestEpoch().orElse(-1);
    }

    /// Which epoch wrote which offsets. *Any thread.*
    public LeaderEpochHistory epochs() {
        return epochs;
    }

    /// What is known of the producers. On the log's turn, read-only.
    public ProducerStates producers() {
        return producers;
    }

    /// Where an epoch ends in this log: the answer of `OffsetForLeaderEpoch` (KIP-101, KIP-279).
    /// *Any thread.*
    public Optional<LeaderEpochHistory.EpochEnd> endOffsetForEpoch(int leaderEpoch) {
        var end = logEndOffset;
        return epochs.endOffsetFor(leaderEpoch, end);
    }

    /// Starts a flush: captures files, end and generation. Does not touch the disk.
    ///
    /// @return empty if everything is durable, if a ticket of this generation is not complete, or
    ///   if the log failed or was closed
    public Optional<FlushTicket> beginFlush() {
        if (closed || failure != null || inFlight != null) {
            return Optional.empty();
        }
        var dirty = segments.dirty();
        if (dirty.isEmpty() && durableEndOffset == logEndOffset) {
            return Optional.empty();
        }
        var parts = dirty.stream().map(Segment::beginFlush).toList();
        var scope =
                new LogFlush.Scope(
                        generation, logEndOffset, parts, heads.isDirectoryNew(), epochs, snapshots);
        inFlight = new LogFlush(scope, files, stateFiles);
        return Optional.of(inFlight);
    }

    /// Takes the result of a ticket whose `run` has returned. On the log's turn. Only this moves
    /// [#durableEndOffset] up.
    ///
    /// @throws IllegalStateException if it has not run, or was completed before
    public FlushResult complete(FlushTicket ticket) {
        if (!(ticket instanceof LogFlush flush)) {
            throw new IllegalArgumentException("a ticket from elsewhere");
        }
        var error = flush.finish();
        if (flush == inFlight) {
            inFlight = null;
        }
        if (closed) {
            return new FlushResult.Superseded();
        }
        var broken = directory.failure();
        if (broken.isPresent()) {
            return new FlushResult.Failed(fail(broken.get()));
        }
        var current = flush.scope().generation() == generation;
        if (!current) {
            // Whatever happened to files that are no longer the log's.
            return new FlushResult.Superseded();
        }
        if (error instanceof LogException.DiskFullException
                || error instanceof LogException.ResourcesExhaustedException) {
            return new FlushResult.Refused(error);
        }
        if (error != null) {
            return new FlushResult.Failed(fail(error));
        }
        flush.scope().parts().forEach(part -> part.segment().flushed(part));
        heads.flushed(flush.scope().directoryNew());
        var written = flush.scope().snapshots();
        snapshots = snapshots.stream().filter(one -> !written.contains(one)).toList();
        durableEndOffset = Math.max(durableEndOffset, flush.endOffset());
        return new FlushResult.Durable(durableEndOffset);
    }

    /// Drops everything at and above an offset, by sealing: no byte is overwritten, files above the
    /// cut are renamed away, the next append opens a segment whose base is the cut. Durable on
    /// return; flushes begun before prove nothing any more. May fall behind the offset where that
    /// lies inside a batch, because batches go as a whole.
    ///
    /// @param offset at or above the log start offset; at or above the end nothing happens
    /// @return the new log end offset, exclusive: at most the offset asked for
    public long truncateTo(long offset) {
        requireWritable();
        if (offset < logStartOffset) {
            throw new IllegalArgumentException(offset + " is below " + logStartOffset);
        }
        if (offset >= logEndOffset) {
            return logEndOffset;
        }
        try {
            var keeper = segments.all().get(segments.floor(offset));
            var cut = SegmentReader.findCut(files.context(), keeper, offset);
            beginGeneration(cut.offset());
            while (segments.last().orElseThrow().baseOffset() >= cut.offset()) {
                drop(segments.last().orElseThrow());
                if (segments.all().isEmpty()) {
                    break;
                }
            }
            if (segments.last().filter(last -> last == keeper).isPresent()
                    && cut.offset() < keeper.endOffset()) {
                keeper.cut(cut);
            }
            epochs = epochs.truncateFromEnd(cut.offset());
            producers =
                    LogOpening.truncate(
                            producers,
                            files,
                            segments.all(),
                            logStartOffset,
                            cut.offset(),
                            lastNowMs);
            files.deleteProducersAbove(cut.offset());
            stateFiles.write(generation, epochs, List.of());
            files.syncEntries(heads.isDirectoryNew());
            return logEndOffset;
        } catch (LogException e) {
            throw fail(e);
        }
    }

    /// Empties the log and begins it anew, as a follower does whose leader has nothing of what it
    /// holds. Durable on return, with epochs and producers; flushes begun before prove nothing.
    ///
    /// @param startOffset first offset of the log, and its end
    /// @param history epochs up to there, from the leader
    /// @param states producer states at that offset, from the leader
    public void resetTo(long startOffset, LeaderEpochHistory history, ProducerStates states) {
        requireWritable();
        if (states.mapEndOffset() != startOffset
                || !history.truncateFromEnd(startOffset + 1).equals(history)) {
            throw new IllegalArgumentException("state of another offset than " + startOffset);
        }
        try {
            beginGeneration(0);
            while (!segments.all().isEmpty()) {
                drop(segments.last().orElseThrow());
            }
            heads.ensureDirectory();
            files.deleteProducersAbove(-1);
            epochs = history;
            producers = states;
            stateFiles.write(
                    generation,
                    history,
                    List.of(new StateFiles.Snapshot(startOffset, states.encodeSnapshot())));
            files.writeLogStart(startOffset);
            files.syncEntries(true);
            logStartOffset = startOffset;
            logEndOffset = startOffset;
            durableEndOffset = startOffset;
        } catch (LogException e) {
            throw fail(e);
        }
    }

    /// From here on no flush that was begun before proves anything.
    private void beginGeneration(long newEndOffset) {
        generation++;
        inFlight = null;
        snapshots = snapshots.stream().filter(one -> one.offset() <= newEndOffset).toList();
        stateFiles.begin(generation);
        logEndOffset = Math.min(logEndOffset, newEndOffset);
        durableEndOffset = Math.min(durableEndOffset, newEndOffset);
        directory.lowerRecoveryPoint(partition, newEndOffset);
    }

    private void drop(Segment segment) {
        var gone = files.renameAway(segment.baseOffset());
        segments = segments.withoutLast();
        segment.leave(Optional.of(gone));
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
        if (closed) {
            throw new LogException.LogClosedException(files.directory());
        }
        // The end first: the list that is read after it has what lies below.
        var end = logEndOffset;
        var start = logStartOffset;
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
        return reads.offsetForTimestamp(timestampMs, Math.min(logEndOffset, endOffsetLimit));
    }

    /// Why the log takes no more appends, if it does not. *Any thread.*
    public Optional<LogException> failure() {
        return Optional.ofNullable(failure);
    }

    private void requireWritable() {
        if (closed) {
            throw new LogException.LogClosedException(files.directory());
        }
        var first = failure;
        if (first != null) {
            throw new LogException.DiskFailedException(files.directory(), "append", first);
        }
    }

    private LogException fail(LogException e) {
        var first = failure;
        if (first == null) {
            failure = e;
            return e;
        }
        return first;
    }

    /// Flushes, seals the head, writes the producer snapshot, closes. Waits for the disk. After a
    /// failure it only closes. No turn and no ticket may run.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            if (failure == null && logEndOffset > logStartOffset) {
                segments.last().ifPresent(last -> last.seal(logEndOffset));
                addSnapshot();
                inFlight = null;
                beginFlush()
                        .ifPresent(
                                ticket -> {
                                    ticket.run();
                                    var _ = complete(ticket);
                                });
            }
        } finally {
            abandon();
            directory.closed(this);
        }
    }

    /// Closes without flushing: after a failure, or before the files are deleted.
    void abandon() {
        closed = true;
        heads.close();
        segments.all().forEach(segment -> segment.leave(Optional.empty()));
    }
}
