// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.controller.core.ActiveController;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.ConfigRules;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerEffect;
import dev.weir.metadata.controller.core.ControllerEvent;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.MetadataLog;
import dev.weir.metadata.log.ProposalOutcome;
import dev.weir.metadata.record.MetadataBatch;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The controller's thread.
///
/// **Threading:** the thread in [#run] owns the [ActiveController] and the callers that wait; every
/// other thread only enqueues.
///
/// **Bound:** [#COMMANDS_MAX] commands wait in the mailbox, more are refused as busy. The log's own
/// events are not refused, because losing one would part the controller from the log; their number
/// is bounded by the proposals in flight, the brokers, and two for a change of leadership.
public final class ControllerLoop implements ControllerGateway, AutoCloseable {

    /// Commands in the mailbox. The core bounds those it has taken out of it.
    public static final int COMMANDS_MAX = 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    private static final GatewayOutcome STOPPED =
            new GatewayOutcome.Unknown("the controller stopped");

    private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final AtomicInteger commandsInMailbox = new AtomicInteger();
    private final ActiveController controller;
    private final long tickMs;
    private final BrokerProbe probe;
    private final HaltCallback halt;
    private final WaitingCallers callers = new WaitingCallers();
    private final OpenSessions sessions = new OpenSessions(mailbox::add, this::on);
    private final Thread thread;

    private @Nullable MetadataLog log;
    private @Nullable VoterSet voters;

    /// Offset of the newest image the controller was told of.
    private volatile long offset;

    private volatile boolean isActive;
    private volatile boolean isStopped;

    /// Whether the log's entries concern the controller: between a "ready" and a "lost".
    private volatile boolean isLeading;

    /// @param settings the core's times and limits
    /// @param configRules the configuration keys that exist
    /// @param probe how to find out about brokers that went silent
    /// @param halt called when the core breaks an invariant
    /// @param nodeId names the thread
    public ControllerLoop(
            ControllerSettings settings,
            ConfigRules configRules,
            BrokerProbe probe,
            HaltCallback halt,
            int nodeId) {
        this.controller = new ActiveController(settings, configRules);
        this.tickMs = settings.tickMs();
        this.probe = probe;
        this.halt = halt;
        this.thread = new Thread(this::run, "weir-controller-" + nodeId);
        this.thread.setDaemon(true);
    }

    /// Begins to work through the mailbox. Once.
    ///
    /// @param metadataLog where proposals go
    /// @param voterSet who votes on them; null where that never changes
    public void start(MetadataLog metadataLog, @Nullable VoterSet voterSet) {
        log = metadataLog;
        voters = voterSet;
        thread.start();
    }

    /// Whether this node's controller decides.
    public boolean isActive() {
        return isActive;
    }

    /// This node leads and has applied everything of earlier terms. Apply thread.
    public void leaderReady(long term, ClusterImage applied) {
        isLeading = true;
        mailbox.add(
                () -> {
                    offset = applied.offset();
                    on(new ControllerEvent.BecameLeader(term, applied));
                    sessions.leads();
                });
    }

    /// This node does not lead any longer. Any thread.
    public void leadershipLost() {
        isLeading = false;
        mailbox.add(
                () -> {
                    sessions.follows();
                    on(new ControllerEvent.LostLeadership());
                });
    }

    /// An entry was applied or skipped. Apply thread, in log order.
    public void applied(long term, long index, MetadataBatch batch, ApplyResult result) {
        if (isLeading) {
            mailbox.add(
                    () -> {
                        if (result instanceof ApplyResult.Applied) {
                            offset = index;
                        }
                        on(new ControllerEvent.EntryApplied(term, index, batch, result));
                    });
        }
    }

    @Override
    public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
        var answer = new CompletableFuture<GatewayOutcome>();
        if (isStopped) {
            answer.complete(new GatewayOutcome.NotController(OptionalInt.empty()));
            return answer;
        }
        if (commandsInMailbox.incrementAndGet() > COMMANDS_MAX) {
            commandsInMailbox.decrementAndGet();
            answer.complete(
                    new GatewayOutcome.Refused(
                            new Refusal(Refusal.Code.BUSY, "the controller's mailbox is full"),
                            offset));
            return answer;
        }
        var deadlineNs = System.nanoTime() + timeout.toNanos();
        mailbox.add(new Submission(command, deadlineNs, answer));
        if (isStopped) {
            // The loop may have emptied its mailbox just before; nobody else would answer.
            answer.complete(STOPPED);
        }
        return answer;
    }

    private void receive(Submission submission) {
        commandsInMailbox.decrementAndGet();
        var answer = submission.answer;
        if (System.nanoTime() - submission.deadlineNs >= 0) {
            answer.complete(
                    new GatewayOutcome.Refused(
                            new Refusal(Refusal.Code.BUSY, "the deadline passed in the mailbox"),
                            offset));
            return;
        }
        var commandId = callers.add(answer, submission.deadlineNs);
        if (submission.command instanceof ControllerCommand.VoterCommand change) {
            change(commandId, change);
            return;
        }
        on(new ControllerEvent.CommandReceived(commandId, submission.command));
    }

    /// Who votes is no record, so the core has no part in it.
    private void change(long commandId, ControllerCommand.VoterCommand change) {
        var set = voters;
        if (set == null || !isActive) {
            callers.answer(commandId, new GatewayOutcome.NotController(metadataLog().leaderHint()));
            return;
        }
        set.change(change)
                .thenAccept(outcome -> mailbox.add(() -> callers.answer(commandId, outcome)));
    }

    @Override
    public BrokerSession openSession(int nodeId, UUID incarnation) {
        return sessions.open(nodeId, incarnation);
    }

    private void enqueue(ControllerEvent event) {
        mailbox.add(() -> on(event));
    }

    private void run() {
        var nextTickNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(tickMs);
        try {
            while (!isStopped) {
                var waitNs = Math.min(nextTickNs, callers.nextDeadlineNs(nextTickNs));
                var work = mailbox.poll(waitNs - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (work != null) {
                    work.run();
                }
                var nowNs = System.nanoTime();
                callers.expire(nowNs);
                if (nowNs - nextTickNs >= 0) {
                    on(new ControllerEvent.Tick());
                    nextTickNs = nowNs + TimeUnit.MILLISECONDS.toNanos(tickMs);
                }
            }
        } catch (InterruptedException e) {
            // Only close interrupts.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            halt.halt("the controller broke an invariant", e);
        } finally {
            stop();
        }
    }

    private void stop() {
        isStopped = true;
        isActive = false;
        callers.failAll(STOPPED);
        for (var work = mailbox.poll(); work != null; work = mailbox.poll()) {
            if (work instanceof Submission submission) {
                submission.answer.complete(STOPPED);
            }
        }
    }

    private void on(ControllerEvent event) {
        var nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        for (var effect : controller.on(event, nowMs)) {
            carryOut(effect);
        }
        isActive = controller.isActive();
    }

    private void carryOut(ControllerEffect effect) {
        switch (effect) {
            case ControllerEffect.Propose propose -> propose(propose);
            case ControllerEffect.Reply reply ->
                    callers.answer(reply.commandId(), outcome(reply.outcome()));
            case ControllerEffect.Activated activated ->
                    LOG.info(
                            "active controller: term={} activationId={}",
                            activated.term(),
                            activated.activationId());
            case ControllerEffect.Renounced renounced ->
                    LOG.info("controller activation given up: {}", renounced.reason());
            case ControllerEffect.SessionEnded(var nodeId, var incarnation, var cause) ->
                    LOG.info(
                            "broker {} counts as gone, {}: incarnation={}",
                            nodeId,
                            switch (cause) {
                                case REFUSED -> "its port refuses";
                                case SILENT -> "it was silent for the session timeout";
                            },
                            incarnation);
            case ControllerEffect.Probe target -> probe(target);
        }
    }

    private void propose(ControllerEffect.Propose propose) {
        var batch = propose.batch();
        metadataLog()
                .propose(propose.encoded())
                .thenAccept(
                        outcome -> {
                            switch (outcome) {
                                // Told by the log's own entry, which came before this.
                                case ProposalOutcome.Applied _, ProposalOutcome.Skipped _ -> {}
                                case ProposalOutcome.Unknown unknown ->
                                        enqueue(
                                                new ControllerEvent.ProposalFailed(
                                                        batch.activationId(),
                                                        batch.seq(),
                                                        unknown.reason()));
                            }
                        });
    }

    private GatewayOutcome outcome(CommandOutcome outcome) {
        return switch (outcome) {
            case CommandOutcome.Committed committed ->
                    new GatewayOutcome.Committed(committed.result(), committed.metadataOffset());
            case CommandOutcome.Refused refused ->
                    new GatewayOutcome.Refused(refused.refusal(), refused.metadataOffset());
            case CommandOutcome.NotController _ ->
                    new GatewayOutcome.NotController(metadataLog().leaderHint());
            case CommandOutcome.Unknown _ ->
                    new GatewayOutcome.Unknown("leadership was lost while it was on its way");
        };
    }

    private void probe(ControllerEffect.Probe target) {
        LOG.info("broker {} has no stream: probing {}", target.nodeId(), target.endpoint());
        Thread.ofVirtual()
                .name("weir-probe-" + target.nodeId())
                .start(
                        () ->
                                enqueue(
                                        new ControllerEvent.ProbeFinished(
                                                target.probeId(),
                                                target.nodeId(),
                                                probe.isRefused(target.endpoint()))));
    }

    private MetadataLog metadataLog() {
        if (log == null) {
            throw new IllegalStateException("not started");
        }
        return log;
    }

    /// Stops the thread; every waiting caller hears [GatewayOutcome.Unknown]. Idempotent.
    @Override
    public void close() {
        isStopped = true;
        mailbox.add(() -> {});
        if (thread.getState() == Thread.State.NEW) {
            stop();
            return;
        }
        if (thread.equals(Thread.currentThread())) {
            return;
        }
        try {
            thread.join(JOIN_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A command on its way to the controller's thread.
    private final class Submission implements Runnable {

        private final ControllerCommand command;
        private final long deadlineNs;
        private final CompletableFuture<GatewayOutcome> answer;

        private Submission(
                ControllerCommand command,
                long deadlineNs,
                CompletableFuture<GatewayOutcome> answer) {
            this.command = command;
            this.deadlineNs = deadlineNs;
            this.answer = answer;
        }

        @Override
        public void run() {
            receive(this);
        }
    }
}
