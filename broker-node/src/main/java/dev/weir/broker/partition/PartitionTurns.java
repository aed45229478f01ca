// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.mailbox.Turns;
import dev.weir.broker.partition.core.PartitionReplica;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaEvent;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.FlushResult;
import dev.weir.log.FlushTicket;
import dev.weir.log.LogConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionLog;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// The turns of one partition: feeds the replica, carries out what it answers.
///
/// Batches that clients sent one after the other in a turn are written with one gathering write;
/// any other event writes what came before it. At the turn's end the new state is published, then
/// produces are answered, fetches woken, messages sent and followers fed: who is told sees what he
/// is told of.
///
/// **Threading:** owned by the thread that drains the mailbox; [#view] by any.
final class PartitionTurns implements Turns<PartitionTask> {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionTurns.class);

    private final PartitionLog log;
    private final PartitionReplica replica;
    private final PartitionServices services;
    private final PartitionFlush flush;
    private final LogCut cut;
    private final PushFeeds feeds;
    private final TurnEffects turnEffects;

    private final ArrayList<QueuedProduce> appends = new ArrayList<>();
    private final ArrayDeque<QueuedProduce> written = new ArrayDeque<>();
    private @Nullable QueuedProduce inHand;
    private @Nullable PushedBatches pushInHand;
    private int appendEpoch;
    private boolean draining;
    private boolean closed;

    // Kept until a cut has left the log to the turn again.
    private final ArrayDeque<FlushTicket> ranDuringCut = new ArrayDeque<>();
    private @Nullable LogConfig configDuringCut;

    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();

    private @Nullable Consumer<PartitionTask> self;

    private volatile ReplicaView view;
    private volatile boolean wantsTicks;
    private final AtomicBoolean tickOnItsWay = new AtomicBoolean();

    PartitionTurns(PartitionLog log, PartitionReplica replica, PartitionServices services) {
        this.log = log;
        this.replica = replica;
        this.services = services;
        this.flush = new PartitionFlush(services.flushes(), this::post);
        this.cut = new LogCut(log, services.threads().syncs(), this::post);
        this.feeds = new PushFeeds(log, services, this::post);
        this.turnEffects = new TurnEffects(log.partition(), services.ports());
        this.view = replica.view();
        this.wantsTicks = view.wantsTicks();
    }

    /// Closes the circle, before the first event.
    void connect(Consumer<PartitionTask> mailbox, PartitionReader partitionReader) {
        self = mailbox;
        turnEffects.connect(partitionReader);
    }

    ReplicaView view() {
        return view;
    }

    /// Whether something waits here that only time can move, and no tick is on its way to it: a
    /// partition that gets no turns is not buried in them. Any thread; after `true` a tick is due.
    boolean takesTick() {
        return wantsTicks && tickOnItsWay.compareAndSet(false, true);
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
        if (task instanceof PartitionTask.Step(ReplicaEvent.Produce produce)) {
            inHand = (QueuedProduce) produce.ticket();
            step(produce);
            inHand = null;
            return;
        }
        // Everything else is decided on a log that holds what was decided before.
        writeAppends();
        switch (task) {
            case PartitionTask.Step(ReplicaEvent event) -> onReplicaEvent(event);
            case PartitionTask.Configure(var config) -> {
                configDuringCut = config;
                configure();
            }
            case PartitionTask.FlushSlot _ -> beginFlush();
            case PartitionTask.FlushRan(FlushTicket ticket) -> {
                ranDuringCut.add(ticket);
                completeFlush();
            }
            case PartitionTask.CutDone(var outcome) -> {
                cut.done();
                configure();
                step(outcome);
                completeFlush();
            }
            case PartitionTask.CutFailed(var failure) -> onCutFailed(failure);
            case PartitionTask.FeedResumed(var feed, boolean link) -> feed.resume(link);
            case PartitionTask.FeedRead(var feed, var result) -> feed.onRead(view, result);
            case PartitionTask.FeedReadFailed(var feed, var failure) -> feed.onReadFailed(failure);
            case PartitionTask.FeedOver(var feed) -> {
                if (feeds.remove(feed)) {
                    var of = feed.feed();
                    step(new ReplicaEvent.FeedBroken(of.follower(), of.session()));
                }
            }
        }
    }

    private void onReplicaEvent(ReplicaEvent event) {
        switch (event) {
            case ReplicaEvent.Drain _ -> draining = true;
            case ReplicaEvent.Close _ -> closed = true;
            case ReplicaEvent.Tick _ -> {
                tickOnItsWay.set(false);
                feeds.tick();
                cut.tick(services.clocks().monotonicMs());
            }
            case ReplicaEvent.Received(_, ReplicaMessage.Push push) -> pushInHand = push.batches();
            default -> {
                // Nothing that the shell has to know of.
            }
        }
        step(event);
        pushInHand = null;
        if (closed) {
            feeds.stopAll();
        }
    }

    @Override
    public void endOfTurn() {
        writeAppends();
        view = replica.view();
        if (!closed && !cut.isUnderWay() && flush.request()) {
            beginFlush();
        }
        giveBack();
        turnEffects.deliver(view);
        feeds.pump(view);
        wantsTicks = view.wantsTicks() || cut.waitsForTime() || feeds.waitForTime();
        if (draining && replica.isDrained()) {
            drained.complete(null);
        }
        var logIsLeftAlone = flush.isIdle() && (!cut.isUnderWay() || cut.waitsForTime());
        if (closed && logIsLeftAlone) {
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
            feeds.stopAll();
            step(new ReplicaEvent.Failed(reason, false));
            releasePush();
            view = replica.view();
            giveBack();
            turnEffects.deliver(view);
            if (inHand != null && !inHand.isAnswered()) {
                inHand.answer(new ProduceOutcome.LogDirOffline(reason, false));
            }
            inHand = null;
            // A flush that ran during the cut that broke the rule would stay under way for ever.
            completeFlush();
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("partition", log.partition())
                    .setCause(e)
                    .log("A partition could not be taken offline in order");
        }
    }

    private void step(ReplicaEvent event) {
        ReplicaEffect.@Nullable AppendReplicated pushed = null;
        for (var effect : replica.step(event, services.clocks().monotonicMs())) {
            switch (effect) {
                case ReplicaEffect.Append append -> {
                    appends.add((QueuedProduce) append.ticket());
                    appendEpoch = append.leaderEpoch();
                }
                case ReplicaEffect.AppendReplicated append -> pushed = append;
                case ReplicaEffect.RequestFlush _ -> flush.want();
                case ReplicaEffect.AnswerProduce _,
                        ReplicaEffect.WakeFetch _,
                        ReplicaEffect.Send _,
                        ReplicaEffect.ProposeIsr _,
                        ReplicaEffect.ConfirmFsync _ ->
                        turnEffects.add(effect);
                case ReplicaEffect.ReleasePushed _ -> releasePush();
                case ReplicaEffect.Feed feed ->
                        feeds.start(feed, replica.view().role().leaderEpoch());
                case ReplicaEffect.AdvanceFeed(int follower, long ackedEnd) ->
                        feeds.advance(follower, ackedEnd);
                case ReplicaEffect.NudgeFeed(int follower) -> feeds.nudge(follower);
                case ReplicaEffect.StopFeed(int follower) -> feeds.stop(follower);
                case ReplicaEffect.TruncateTo(long offset) -> cut.truncate(offset);
                case ReplicaEffect.ResetTo(var reset) -> cut.reset(reset);
                case ReplicaEffect.CommittedCut cutBelow -> committedCut(cutBelow);
                case ReplicaEffect.RaiseLogStart(long offset) -> log.raiseLogStart(offset);
            }
        }
        if (pushed != null) {
            writeReplicated(pushed.batches());
        }
    }

    private void committedCut(ReplicaEffect.CommittedCut cutBelow) {
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .log(
                        "Records {} to {} were committed and are gone here: only an unclean"
                                + " election that somebody ordered may do that",
                        cutBelow.logEnd(),
                        cutBelow.highWatermark());
        services.onCommittedCut().run();
    }

    private void releasePush() {
        var batches = pushInHand;
        pushInHand = null;
        if (batches != null) {
            batches.release();
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
        step(append(() -> log.append(batches, appendEpoch, wallMs()).endOffset()));
    }

    private void writeReplicated(PushedBatches batches) {
        ReplicaEvent outcome;
        try {
            outcome = append(() -> log.appendReplicated(batches.buffer(), wallMs()).endOffset());
        } finally {
            releasePush();
        }
        step(outcome);
    }

    private long wallMs() {
        return services.clocks().wallMs().getAsLong();
    }

    private ReplicaEvent append(LongSupplier appended) {
        try {
            return new ReplicaEvent.Appended(appended.getAsLong());
        } catch (LogException.DiskFullException | LogException.ResourcesExhaustedException e) {
            LOG.atWarn()
                    .addKeyValue("partition", log.partition())
                    .log("No room for a batch: {}", e.getMessage());
            return new ReplicaEvent.AppendRefused();
        } catch (LogException e) {
            return failed(e);
        }
    }

    private ReplicaEvent failed(LogException failure) {
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .log("Nothing more is acknowledged: {}", failure.getMessage());
        services.onLogFailure().accept(failure);
        return new ReplicaEvent.Failed(failure.getMessage() + "", true);
    }

    private void beginFlush() {
        try {
            // A log that is being cut is not the turn's; the replica asks again when it is done.
            flush.begin(
                    () ->
                            closed || cut.isUnderWay()
                                    ? Optional.<FlushTicket>empty()
                                    : log.beginFlush());
        } catch (LogException e) {
            step(failed(e));
        }
    }

    private void completeFlush() {
        FlushTicket ticket;
        while (!cut.isUnderWay() && (ticket = ranDuringCut.poll()) != null) {
            flush.ended();
            step(outcomeOf(ticket));
        }
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

    private void onCutFailed(RuntimeException failure) {
        if (!cut.failed(failure, services.clocks().monotonicMs())) {
            return;
        }
        if (!(failure instanceof LogException reason)) {
            throw failure;
        }
        step(failed(reason));
        configure();
        completeFlush();
    }

    private void configure() {
        var config = configDuringCut;
        if (config != null && !cut.isUnderWay()) {
            configDuringCut = null;
            if (!closed) {
                log.configure(config);
            }
        }
    }

    private void giveBack() {
        QueuedProduce done;
        while ((done = written.poll()) != null) {
            done.release();
        }
    }

    private void post(PartitionTask task) {
        if (self == null) {
            throw new IllegalStateException("not connected");
        }
        self.accept(task);
    }
}
