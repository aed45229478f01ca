// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.mailbox.Turns;
import dev.weir.broker.partition.core.PartitionReplica;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.FlushResult;
import dev.weir.log.FlushTicket;
import dev.weir.log.LogException;
import dev.weir.log.PartitionLog;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The turns of one partition: feeds the replica, carries out what it answers.
///
/// All batches of a turn are written with one gathering write. Then the new state is published,
/// then produces are answered and fetches woken: who is woken sees what woke him.
///
/// **Threading:** owned by the thread that drains the mailbox; [#view] by any.
final class PartitionTurns implements Turns<PartitionTask>, FlushScheduler.Client {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionTurns.class);

    /// A partition has at most one flush, from standing in line to its end.
    private enum Flush {
        NONE,
        IN_LINE,
        RUNNING
    }

    private final PartitionLog log;
    private final PartitionReplica replica;
    private final PartitionServices services;

    private final ArrayList<QueuedProduce> appends = new ArrayList<>();
    private final ArrayDeque<ReplicaEffect> answers = new ArrayDeque<>();
    private final ArrayDeque<QueuedProduce> written = new ArrayDeque<>();
    private @Nullable QueuedProduce inHand;
    private int appendEpoch;
    private Flush flush = Flush.NONE;
    private boolean flushWanted;
    private boolean closed;

    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    private boolean draining;

    private @Nullable Consumer<PartitionTask> self;
    private @Nullable PartitionReader reader;

    private volatile ReplicaView view;

    PartitionTurns(PartitionLog log, PartitionReplica replica, PartitionServices services) {
        this.log = log;
        this.replica = replica;
        this.services = services;
        this.view = replica.view();
    }

    /// Closes the circle, before the first event.
    void connect(Consumer<PartitionTask> mailbox, PartitionReader partitionReader) {
        self = mailbox;
        reader = partitionReader;
    }

    ReplicaView view() {
        return view;
    }

    /// Done when a drain has left nothing unanswered.
    CompletableFuture<Void> onDrained() {
        return drained;
    }

    /// Done when, after a close, the log is left alone.
    CompletableFuture<Void> onIdle() {
        return idle;
    }

    @Override
    public void onEvent(PartitionTask task) {
        switch (task) {
            case PartitionTask.Step(ReplicaEvent.Produce produce) -> {
                inHand = (QueuedProduce) produce.ticket();
                step(produce);
                inHand = null;
            }
            case PartitionTask.Step(ReplicaEvent event) -> {
                // Everything else is decided on a log that holds what was decided before.
                writeAppends();
                draining |= event instanceof ReplicaEvent.Drain;
                closed |= event instanceof ReplicaEvent.Close;
                step(event);
            }
            case PartitionTask.Configure(var config) -> {
                writeAppends();
                if (!closed) {
                    log.configure(config);
                }
            }
            case PartitionTask.FlushSlot _ -> {
                writeAppends();
                beginFlush();
            }
            case PartitionTask.FlushRan(FlushTicket ticket) -> {
                writeAppends();
                onFlushRan(ticket);
            }
        }
    }

    @Override
    public void endOfTurn() {
        writeAppends();
        view = replica.view();
        requestFlush();
        giveAnswers();
        if (draining && replica.isDrained()) {
            drained.complete(null);
        }
        if (closed && flush == Flush.NONE) {
            drained.complete(null);
            idle.complete(null);
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .setCause(failure)
                .log("A rule of the partition was broken; it goes offline");
        try {
            var reason = "internal error: " + failure.getMessage();
            appends.clear();
            step(new ReplicaEvent.Failed(reason, false));
            view = replica.view();
            giveAnswers();
            if (inHand != null && !inHand.isAnswered()) {
                inHand.answer(new ProduceOutcome.LogDirOffline(reason, false));
            }
            inHand = null;
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("partition", log.partition())
                    .setCause(e)
                    .log("A partition could not be taken offline in order");
        }
    }

    private void step(ReplicaEvent event) {
        for (var effect : replica.step(event, services.clocks().monotonicMs())) {
            switch (effect) {
                case ReplicaEffect.Append append -> {
                    appends.add((QueuedProduce) append.ticket());
                    appendEpoch = append.leaderEpoch();
                }
                case ReplicaEffect.RequestFlush _ -> flushWanted = true;
                case ReplicaEffect.AnswerProduce _, ReplicaEffect.WakeFetch _ ->
                        answers.add(effect);
                case ReplicaEffect.ReleasePushed(var batches) -> batches.release();
                case ReplicaEffect.Send _,
                        ReplicaEffect.Feed _,
                        ReplicaEffect.AdvanceFeed _,
                        ReplicaEffect.NudgeFeed _,
                        ReplicaEffect.StopFeed _,
                        ReplicaEffect.AppendReplicated _,
                        ReplicaEffect.TruncateTo _,
                        ReplicaEffect.ResetTo _,
                        ReplicaEffect.RaiseLogStart _,
                        ReplicaEffect.ProposeIsr _,
                        ReplicaEffect.ConfirmFsync _ -> {}
            }
        }
    }

    private void writeAppends() {
        if (appends.isEmpty()) {
            return;
        }
        var batches = new ArrayList<ByteBuffer>(appends.size());
        for (var append : appends) {
            batches.add(append.batch());
        }
        written.addAll(appends);
        appends.clear();
        ReplicaEvent outcome;
        try {
            var nowMs = services.clocks().wallMs().getAsLong();
            outcome =
                    new ReplicaEvent.Appended(log.append(batches, appendEpoch, nowMs).endOffset());
        } catch (LogException.DiskFullException | LogException.ResourcesExhaustedException e) {
            LOG.atWarn()
                    .addKeyValue("partition", log.partition())
                    .log("No room for a batch: {}", e.getMessage());
            outcome = new ReplicaEvent.AppendRefused();
        } catch (LogException e) {
            outcome = failed(e);
        }
        step(outcome);
    }

    private ReplicaEvent failed(LogException failure) {
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .log("Nothing more is acknowledged: {}", failure.getMessage());
        services.onLogFailure().accept(failure);
        return new ReplicaEvent.Failed(failure.getMessage() + "", true);
    }

    private void requestFlush() {
        if (!flushWanted || flush != Flush.NONE || closed) {
            return;
        }
        flushWanted = false;
        flush = Flush.IN_LINE;
        if (services.flushes().request(this)) {
            beginFlush();
        }
    }

    @Override
    public void onFlushSlot() {
        post(new PartitionTask.FlushSlot());
    }

    private void beginFlush() {
        try {
            var ticket = closed ? null : log.beginFlush().orElse(null);
            if (ticket != null) {
                flush = Flush.RUNNING;
                services.flushes().run(() -> run(ticket));
                return;
            }
        } catch (LogException e) {
            step(failed(e));
        }
        flush = Flush.NONE;
        services.flushes().release();
    }

    private void run(FlushTicket ticket) {
        try {
            ticket.run();
        } finally {
            post(new PartitionTask.FlushRan(ticket));
        }
    }

    private void onFlushRan(FlushTicket ticket) {
        flush = Flush.NONE;
        // What is still unflushed is asked for again by the step below.
        flushWanted = false;
        step(outcomeOf(ticket));
    }

    private ReplicaEvent outcomeOf(FlushTicket ticket) {
        try {
            return switch (log.complete(ticket)) {
                case FlushResult.Durable(long durableEndOffset) ->
                        new ReplicaEvent.FlushDone(durableEndOffset);
                // It proves no more than was proved before.
                case FlushResult.Superseded _ -> new ReplicaEvent.FlushDone(log.durableEndOffset());
                case FlushResult.Refused(var cause) -> {
                    LOG.atWarn()
                            .addKeyValue("partition", log.partition())
                            .log("No room for a flush: {}", cause.getMessage());
                    yield new ReplicaEvent.FlushRefused();
                }
                case FlushResult.Failed(var cause) -> failed(cause);
            };
        } catch (LogException e) {
            return failed(e);
        }
    }

    private void giveAnswers() {
        QueuedProduce done;
        while ((done = written.poll()) != null) {
            done.release();
        }
        ReplicaEffect answer;
        while ((answer = answers.poll()) != null) {
            if (answer instanceof ReplicaEffect.AnswerProduce(var ticket, var outcome)) {
                ((QueuedProduce) ticket).answer(outcome);
            } else if (answer instanceof ReplicaEffect.WakeFetch(var ticket, var verdict)) {
                reader().answer((QueuedFetch) ticket, view, verdict);
            } else {
                throw new IllegalStateException("not an answer: " + answer);
            }
        }
    }

    private PartitionReader reader() {
        if (reader == null) {
            throw new IllegalStateException("not connected");
        }
        return reader;
    }

    private void post(PartitionTask task) {
        if (self == null) {
            throw new IllegalStateException("not connected");
        }
        self.accept(task);
    }
}
