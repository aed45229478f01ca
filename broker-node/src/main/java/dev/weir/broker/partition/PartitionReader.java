// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.FetchVerdict;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.ReplicaRole;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.LogException;
import dev.weir.log.PartitionLog;
import dev.weir.log.ReadResult;
import dev.weir.log.TimestampedOffset;
import dev.weir.record.DecompressedSizeExceededException;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordFormatException;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/// The reading half of a partition: works on the published view and on the log's own thread-safe
/// reads, and goes through the mailbox only to wait.
///
/// **Threading:** any thread. What may wait for the disk runs on the readers.
final class PartitionReader {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);

    private final PartitionLog log;
    private final Executor readers;
    private final Supplier<ReplicaView> view;
    private final Parking parking;

    /// Where a fetch waits.
    interface Parking {

        /// Lets it wait.
        ///
        /// @return `false` if there is no room
        boolean park(QueuedFetch fetch);
    }

    PartitionReader(
            PartitionLog log, Executor readers, Supplier<ReplicaView> view, Parking parking) {
        this.log = log;
        this.readers = readers;
        this.view = view;
        this.parking = parking;
    }

    /// Answers a fetch, or parks it.
    void fetch(QueuedFetch fetch) {
        if (fetch.isOver()) {
            return;
        }
        var now = view.get();
        var command = fetch.command();
        try {
            var verdict = now.admit(command.offset(), command.leaderEpoch(), log.logStartOffset());
            answer(fetch, now, verdict);
        } catch (LogException e) {
            fetch.answer(failed(command.offset(), e));
        }
    }

    /// Carries out what was decided about a fetch.
    void answer(QueuedFetch fetch, ReplicaView now, FetchVerdict verdict) {
        var command = fetch.command();
        switch (verdict) {
            case FetchVerdict.Read(long endOffset) -> read(fetch, now, endOffset, false);
            case FetchVerdict.Wait _ when !command.waits() ->
                    fetch.answer(
                            new FetchOutcome.Data(
                                    new EmptySlice(command.offset()),
                                    now.highWatermark(),
                                    log.logStartOffset(),
                                    now.role().leaderEpoch()));
            case FetchVerdict.Wait _ -> {
                if (!parking.park(fetch)) {
                    fetch.answer(new FetchOutcome.Overloaded("partition queue"));
                }
            }
            case FetchVerdict.OutOfRange _ ->
                    fetch.answer(
                            new FetchOutcome.OffsetOutOfRange(
                                    command.offset(),
                                    log.logStartOffset(),
                                    now.highWatermark(),
                                    now.role().leaderEpoch()));
            case FetchVerdict.Refused(var hint) -> fetch.answer(new FetchOutcome.Refused(hint));
            case FetchVerdict.Overloaded _ ->
                    fetch.answer(new FetchOutcome.Overloaded("waiting fetches"));
            case FetchVerdict.Offline(String reason) ->
                    fetch.answer(new FetchOutcome.LogDirOffline(reason));
            case FetchVerdict.Closed _ -> fetch.answer(new FetchOutcome.Closed());
        }
    }

    private void read(QueuedFetch fetch, ReplicaView now, long endOffset, boolean mayBlock) {
        var command = fetch.command();
        try {
            switch (log.read(command.offset(), command.bytesMax(), endOffset, mayBlock)) {
                case ReadResult.Batches(var slice) ->
                        fetch.answer(
                                new FetchOutcome.Data(
                                        slice,
                                        endOffset,
                                        log.logStartOffset(),
                                        now.role().leaderEpoch()));
                case ReadResult.Cold _ -> readCold(fetch, now, endOffset);
                case ReadResult.OutOfRange(long logStartOffset, _) ->
                        fetch.answer(
                                new FetchOutcome.OffsetOutOfRange(
                                        command.offset(),
                                        logStartOffset,
                                        now.highWatermark(),
                                        now.role().leaderEpoch()));
            }
        } catch (LogException e) {
            fetch.answer(failed(command.offset(), e));
        }
    }

    private void readCold(QueuedFetch fetch, ReplicaView now, long endOffset) {
        try {
            readers.execute(
                    () -> {
                        if (!fetch.isOver()) {
                            read(fetch, now, endOffset, true);
                        }
                    });
        } catch (RejectedExecutionException _) {
            fetch.answer(new FetchOutcome.Overloaded("cold reads"));
        }
    }

    private FetchOutcome failed(long offset, LogException failure) {
        return switch (failure) {
            case LogException.CorruptLogException e ->
                    new FetchOutcome.Corrupt(offset, damaged(e, e.actual()));
            case LogException.LogClosedException _ -> new FetchOutcome.Closed();
            case LogException.DiskFullException e ->
                    new FetchOutcome.LogDirOffline(e.getMessage() + "");
            case LogException.ResourcesExhaustedException _ ->
                    new FetchOutcome.Overloaded("file descriptors or memory");
            case LogException.DiskFailedException e ->
                    new FetchOutcome.LogDirOffline(e.getMessage() + "");
            case LogException.MissingFileException e ->
                    new FetchOutcome.LogDirOffline(e.getMessage() + "");
            case LogException.FailedBeforeException e ->
                    new FetchOutcome.LogDirOffline(e.getMessage() + "");
            case LogException.DirectoryLockedException e ->
                    new FetchOutcome.LogDirOffline(e.getMessage() + "");
        };
    }

    /// Who reads hears no name of a file; the node's log has it.
    private String damaged(RuntimeException damage, String reason) {
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .log("A stored batch is damaged and not served: {}", damage.getMessage());
        return reason;
    }

    /// Answers a question for an offset.
    void listOffsets(
            OffsetQuestion question, OptionalInt leaderEpoch, ListOffsetsListener listener) {
        var now = view.get();
        switch (now.admitQuestion(leaderEpoch)) {
            case FetchVerdict.Refused(var hint) ->
                    listener.onOutcome(new ListOffsetsOutcome.Refused(hint));
            case FetchVerdict.Offline(String reason) ->
                    listener.onOutcome(new ListOffsetsOutcome.LogDirOffline(reason));
            case FetchVerdict.Closed _ -> listener.onOutcome(new ListOffsetsOutcome.Closed());
            case FetchVerdict.Read _,
                    FetchVerdict.Wait _,
                    FetchVerdict.OutOfRange _,
                    FetchVerdict.Overloaded _ ->
                    locate(question, now, listener);
        }
    }

    private void locate(OffsetQuestion question, ReplicaView now, ListOffsetsListener listener) {
        if (!(question instanceof OffsetQuestion.Earliest) && !now.latestIsKnown()) {
            listener.onOutcome(
                    now.role() instanceof ReplicaRole.Offline offline
                            ? new ListOffsetsOutcome.LogDirOffline(offline.reason())
                            : new ListOffsetsOutcome.HighWatermarkNotReady());
            return;
        }
        switch (question) {
            case OffsetQuestion.Earliest _ ->
                    listener.onOutcome(found(now, log.logStartOffset(), OptionalLong.empty()));
            case OffsetQuestion.Latest _ ->
                    listener.onOutcome(found(now, now.highWatermark(), OptionalLong.empty()));
            case OffsetQuestion.AtTimestamp(long timestampMs) -> {
                try {
                    readers.execute(() -> locateTimestamp(timestampMs, now, listener));
                } catch (RejectedExecutionException _) {
                    listener.onOutcome(new ListOffsetsOutcome.Overloaded("cold reads"));
                }
            }
        }
    }

    private void locateTimestamp(long timestampMs, ReplicaView now, ListOffsetsListener listener) {
        ListOffsetsOutcome outcome;
        try {
            outcome =
                    log.offsetForTimestamp(timestampMs, now.highWatermark())
                            .map(batch -> firstRecordIn(batch, timestampMs, now))
                            .orElseGet(() -> found(now, now.highWatermark(), OptionalLong.empty()));
        } catch (LogException.LogClosedException _) {
            outcome = new ListOffsetsOutcome.Closed();
        } catch (LogException.CorruptLogException e) {
            outcome = new ListOffsetsOutcome.Corrupt(damaged(e, e.actual()));
        } catch (LogException.ResourcesExhaustedException _) {
            outcome = new ListOffsetsOutcome.Overloaded("file descriptors or memory");
        } catch (RecordFormatException e) {
            outcome = new ListOffsetsOutcome.Corrupt(damaged(e, e.getMessage() + ""));
        } catch (LogException e) {
            outcome = new ListOffsetsOutcome.LogDirOffline(e.getMessage() + "");
        }
        listener.onOutcome(outcome);
    }

    private ListOffsetsOutcome firstRecordIn(
            TimestampedOffset batch, long timestampMs, ReplicaView now) {
        if (log.read(batch.offset(), 1, now.highWatermark(), true)
                instanceof ReadResult.Batches(var slice)) {
            try {
                var records =
                        RecordReader.open(RecordBatch.at(slice.buffer(), 0), RecordLimits.DEFAULT);
                while (records.hasNext()) {
                    var next = records.next();
                    if (next.timestampMs() >= timestampMs) {
                        return found(now, next.offset(), OptionalLong.of(next.timestampMs()));
                    }
                }
            } catch (DecompressedSizeExceededException _) {
                // A healthy batch that unfolds too far to be looked into: its start stands for the
                // record, and nothing after it is missed.
            } finally {
                slice.release();
            }
        }
        return found(now, batch.offset(), OptionalLong.of(batch.timestampMs()));
    }

    private ListOffsetsOutcome found(ReplicaView now, long offset, OptionalLong timestampMs) {
        return new ListOffsetsOutcome.Found(
                offset,
                timestampMs,
                now.role().leaderEpoch(),
                log.logStartOffset(),
                now.highWatermark());
    }

    /// Whether a view belongs to a replica that leads and takes produces.
    static boolean isLeading(ReplicaView view) {
        return view.role() instanceof ReplicaRole.Leader && !view.closed();
    }
}
