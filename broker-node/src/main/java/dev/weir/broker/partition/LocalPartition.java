// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.mailbox.Mailbox;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.BatchSummary;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.LogState;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.PartitionReplica;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.ReplicaRole;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.LogConfig;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/// A partition over a log on this node: mailbox, replica, log, and what connects them.
///
/// A produce: checked here → mailbox → [PartitionTurns] → log. A fetch: [PartitionReader], and the
/// mailbox only to wait.
public final class LocalPartition implements Partition {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPartition.class);

    private final PartitionLog log;
    private final PartitionServices services;
    private final PartitionTurns turns;
    private final Mailbox<PartitionTask> mailbox;
    private final PartitionReader reader;

    /// @param log open and recovered; the partition's own from now on
    /// @param highWatermark the checkpointed one, 0 if there is none
    public LocalPartition(PartitionLog log, long highWatermark, PartitionServices services) {
        this.log = log;
        this.services = services;
        var state =
                new LogState(
                        log.logStartOffset(),
                        log.logEndOffset(),
                        log.durableEndOffset(),
                        log.latestEpoch(),
                        highWatermark);
        var replica =
                new PartitionReplica(
                        services.identity(), state, new LogAnswers(log), services.limits());
        this.turns = new PartitionTurns(log, replica, services);
        this.mailbox =
                new Mailbox<>(
                        services.mailboxCapacity(),
                        turns,
                        services.threads().workers(),
                        services.clocks().monotonicNs());
        this.reader =
                new PartitionReader(log, services.threads().readers(), turns::view, this::park);
        turns.connect(mailbox::post, reader);
    }

    @Override
    public PartitionId id() {
        return log.partition();
    }

    @Override
    public void produce(ProduceCommand command, ProduceListener listener) {
        var queued = new QueuedProduce(command, listener);
        var batch = command.batch();
        switch (BatchValidator.checkForAppend(
                batch, batch.position(), batch.remaining(), services.batchBytesMax())) {
            case BatchCheck.Valid(RecordBatch valid) -> enqueue(command, queued, valid);
            case BatchCheck.Malformed(String field, String reason) ->
                    queued.answer(new ProduceOutcome.CorruptBatch(field, reason));
            case BatchCheck.TooLarge(int sizeBytes, int limitBytes) ->
                    queued.answer(new ProduceOutcome.BatchTooLarge(sizeBytes, limitBytes));
        }
    }

    private void enqueue(ProduceCommand command, QueuedProduce queued, RecordBatch batch) {
        var event =
                new ReplicaEvent.Produce(
                        queued,
                        new BatchSummary(
                                batch.producerId(),
                                batch.producerEpoch(),
                                batch.baseSequence(),
                                batch.recordCount(),
                                batch.maxTimestampMs()),
                        command.acks(),
                        command.leaderEpoch(),
                        command.deadlineMs(),
                        services.clocks().wallMs().getAsLong());
        if (!mailbox.offerInline(new PartitionTask.Step(event))) {
            queued.answer(new ProduceOutcome.Overloaded("partition queue"));
        }
    }

    @Override
    public PendingFetch fetch(FetchCommand command, FetchListener listener) {
        var fetch = new QueuedFetch(command, listener, this::unpark);
        reader.fetch(fetch);
        return fetch;
    }

    private boolean park(QueuedFetch fetch) {
        var command = fetch.command();
        return mailbox.offerInline(
                new PartitionTask.Step(
                        new ReplicaEvent.Park(fetch, command.offset(), command.leaderEpoch())));
    }

    private void unpark(QueuedFetch fetch) {
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.Unpark(fetch)));
    }

    @Override
    public void listOffsets(
            OffsetQuestion question, OptionalInt leaderEpoch, ListOffsetsListener listener) {
        reader.listOffsets(question, leaderEpoch, listener);
    }

    @Override
    public PartitionStatus status() {
        var view = turns.view();
        return new PartitionStatus(
                id(),
                view.role().leaderId(),
                view.role().leaderEpoch(),
                view.partitionEpoch(),
                view.replicas(),
                view.isr(),
                PartitionReader.isLeading(view),
                log.logStartOffset(),
                view.highWatermark(),
                view.durableEndOffset(),
                view.logEndOffset(),
                offlineReason(view));
    }

    private static Optional<String> offlineReason(ReplicaView view) {
        return view.role() instanceof ReplicaRole.Offline offline
                ? Optional.of(offline.reason())
                : Optional.empty();
    }

    /// Brings what the metadata says. Takes effect in a turn of its own, in the order of the calls.
    public void applyImage(Assignment assignment, PartitionConfig config, LogConfig logConfig) {
        mailbox.post(new PartitionTask.Configure(logConfig));
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.ImageChanged(assignment, config)));
    }

    /// The high watermark, for the checkpoint.
    public long highWatermark() {
        return turns.view().highWatermark();
    }

    /// Lets time pass, if anything here waits for it. To be called a few times a second: deadlines
    /// are kept, and what `replicated` topics appended is flushed, by this.
    public void tick() {
        if (turns.takesTick()) {
            mailbox.post(new PartitionTask.Step(new ReplicaEvent.Tick()));
        }
    }

    /// Takes a message of another replica. A push is dropped if the queue is full, and whatever
    /// carries bytes that are not valid: what is lost is sent again.
    ///
    /// **Threading:** any thread; may do the work inline.
    ///
    /// @param message the bytes of a push are the partition's from now on
    public void receive(int fromNode, Lane lane, ReplicaMessage message) {
        var sound = Inbound.isSound(message);
        if (!sound) {
            LOG.atError()
                    .addKeyValue("partition", id())
                    .log("Node {} sent on {} what is not valid; it is dropped", fromNode, lane);
        }
        var event = new PartitionTask.Step(new ReplicaEvent.Received(fromNode, message));
        if (sound && mailbox.offerInline(event)) {
            return;
        }
        if (message instanceof ReplicaMessage.Push push) {
            push.batches().release();
        } else if (sound) {
            // Small and few: that clients fill the queue must not hold up those who acknowledge.
            mailbox.post(event);
        }
    }

    /// The stream that carried a lane to or from a node broke.
    public void linkBroken(int node, Lane lane) {
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.LinkBroken(node, lane)));
    }

    /// The controller's answer to a proposed in-sync set.
    public void isrAnswered(long proposalNumber, IsrOutcome outcome) {
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.IsrAnswered(proposalNumber, outcome)));
    }

    /// The directory failed: nothing is acknowledged any more; reads go on where possible.
    public void directoryFailed(String reason) {
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.Failed(reason, true)));
    }

    /// Takes no new produces, and flushes, so that what waits is answered.
    ///
    /// @return done when nothing waits for an answer
    public CompletableFuture<Void> drain() {
        var drained = turns.onDrained();
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.Drain()));
        return drained;
    }

    /// Takes nothing any more and answers what waits with `Closed`.
    ///
    /// @return done when no turn and no flush will touch the log any more: its owner may close it
    public CompletableFuture<Void> close() {
        var idle = turns.onIdle();
        mailbox.post(new PartitionTask.Step(new ReplicaEvent.Close()));
        return idle;
    }

    /// The log, for its owner: to close it after [#close], and to delete it.
    public PartitionLog log() {
        return log;
    }
}
