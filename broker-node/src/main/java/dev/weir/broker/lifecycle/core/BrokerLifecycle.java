// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.broker.lifecycle.core.LifecycleEffect.Expelled;
import dev.weir.broker.lifecycle.core.LifecycleEffect.Follow;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.ClusterImage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/// One process of a broker, from its start to its end, as the controller sees it.
///
/// ```
///  Started ─▶ Asking ─▶ Registering ─▶ Registered ─▶ Joined
///               ▲   stale, │             (follows,     (stream open,
///               └─unknown──┘              silent)       fenced or live)
/// ```
///
/// A process registers once. It names the registration that it replaces, which it asked the active
/// controller for, so that a registration that was held up cannot replace a newer one (KIP-903). It
/// acts on no image older than its registration, and opens its stream only once its replicas are
/// what such an image says. Fenced or not is the controller's decision; the stream and its
/// heartbeats are all that a broker can do about it.
///
/// **Ownership:** not thread-safe; one shell, or the simulator, drives it.
public final class BrokerLifecycle {

    /// Where the process is.
    private enum Phase {
        NEW,
        ASKING,
        REGISTERING,
        REGISTERED,
        JOINED,
        EXPELLED
    }

    private final LifecycleSettings settings;
    private final ControllerCommand.RegisterBroker template;
    private final Calls calls;
    private final PartitionRequests requests;
    private final Recovering recovering;
    private final OfflineReports offline;
    private final AnnouncedStop stop;
    private final TreeSet<UUID> failedDirectories = new TreeSet<>();
    private final TreeSet<UUID> reportingDirectories = new TreeSet<>();

    private Phase phase = Phase.NEW;
    private ClusterImage followed = ClusterImage.EMPTY;
    private long registrationOffset;
    private boolean isStreaming;
    private boolean isLive;

    /// When to ask again; [Long#MAX_VALUE] while an answer is awaited.
    private long retryAtMs = Long.MAX_VALUE;

    private long startedMs;
    private long nextNoticeMs;
    private String waitingFor = "the controller has not answered yet";
    private long nextBeatMs;
    private long nextFailureReportMs;

    /// @param settings times and limits
    /// @param template the registration; the number that it replaces is filled in here
    public BrokerLifecycle(LifecycleSettings settings, ControllerCommand.RegisterBroker template) {
        this.settings = settings;
        this.template = template;
        this.calls = new Calls(settings.callMs());
        this.requests =
                new PartitionRequests(
                        template.nodeId(), template.incarnation(), settings.requestsMax());
        this.recovering = new Recovering(template.nodeId());
        this.offline = new OfflineReports(template.nodeId(), template.incarnation());
        this.stop = new AnnouncedStop(template.nodeId(), template.incarnation(), settings);
    }

    /// Reacts to one event.
    ///
    /// @param nowMs monotonic time in milliseconds; never falls
    /// @return what to do, in order
    public List<LifecycleEffect> on(LifecycleEvent event, long nowMs) {
        var effects = new ArrayList<LifecycleEffect>();
        switch (event) {
            case LifecycleEvent.Started _ -> start(nowMs, effects);
            case LifecycleEvent.Answered(var callId, var outcome) ->
                    calls.answered(callId)
                            .ifPresent(purpose -> answered(purpose, outcome, nowMs, effects));
            case LifecycleEvent.ImageFollowed(var image) -> followed(image, nowMs, effects);
            case LifecycleEvent.LogEnds(var ends) -> {
                if (ends.isEmpty()) {
                    recovering.reported(nowMs + settings.repeatMs());
                } else {
                    var report =
                            new ControllerCommand.ReportLogEnds(
                                    template.nodeId(), template.incarnation(), ends);
                    effects.add(calls.ask(report, new Calls.Purpose.Ends(), nowMs));
                }
            }
            case LifecycleEvent.IsrProposed proposal -> requests.proposed(proposal);
            case LifecycleEvent.FsyncCovered confirmation -> requests.covered(confirmation);
            case LifecycleEvent.OfflineReplicas(var partitions) -> offline.found(partitions);
            case LifecycleEvent.DirectoryFailed(var directoryId) ->
                    failedDirectories.add(directoryId);
            case LifecycleEvent.StopWanted(var waitMs) ->
                    stop.begin(phase == Phase.JOINED, waitMs, nowMs, effects);
            case LifecycleEvent.Tick _ -> tick(nowMs, effects);
        }
        stop.tick(calls, nowMs, effects);
        reports(nowMs, effects);
        return effects;
    }

    /// Whether the cluster counts on this broker, as far as its own image shows.
    public boolean isLive() {
        return isLive;
    }

    private void start(long nowMs, List<LifecycleEffect> effects) {
        startedMs = nowMs;
        nextNoticeMs = nowMs + settings.silenceMs() / 5;
        ask(nowMs, effects);
    }

    private void ask(long nowMs, List<LifecycleEffect> effects) {
        phase = Phase.ASKING;
        retryAtMs = Long.MAX_VALUE;
        var question = new ControllerCommand.AskRegistration(template.nodeId());
        effects.add(calls.ask(question, new Calls.Purpose.CurrentNumber(), nowMs));
    }

    private void askLater(String why, long nowMs) {
        waitingFor = why;
        phase = Phase.ASKING;
        retryAtMs = nowMs + settings.retryMs();
    }

    private void answered(
            Calls.Purpose purpose,
            CommandOutcome outcome,
            long nowMs,
            List<LifecycleEffect> effects) {
        switch (purpose) {
            case Calls.Purpose.CurrentNumber _ -> numberTold(outcome, nowMs, effects);
            case Calls.Purpose.Registration _ -> registered(outcome, nowMs, effects);
            case Calls.Purpose.Ends _ -> {
                boolean isTaken = outcome instanceof CommandOutcome.Committed;
                recovering.reported(nowMs + (isTaken ? settings.repeatMs() : settings.retryMs()));
            }
            case Calls.Purpose.Offline _ ->
                    offline.answered(
                            outcome instanceof CommandOutcome.Committed,
                            nowMs + settings.retryMs());
            case Calls.Purpose.Failure(var directoryId) -> {
                reportingDirectories.remove(directoryId);
                nextFailureReportMs = nowMs + settings.retryMs();
                if (isDecided(outcome)) {
                    failedDirectories.remove(directoryId);
                }
            }
            case Calls.Purpose.Proposal(var proposal) -> {
                requests.ended();
                effects.add(PartitionRequests.answer(proposal, outcome));
            }
            case Calls.Purpose.Confirmation _ -> requests.ended();
            case Calls.Purpose.Shutdown _ -> stop.told(outcome, followed, nowMs, effects);
        }
    }

    /// Whether asking again would bring nothing new.
    private static boolean isDecided(CommandOutcome outcome) {
        return switch (outcome) {
            case CommandOutcome.Committed _ -> true;
            case CommandOutcome.Refused(var refusal, _) -> refusal.code() != Refusal.Code.BUSY;
            case CommandOutcome.NotController _, CommandOutcome.Unknown _ -> false;
        };
    }

    private void numberTold(CommandOutcome outcome, long nowMs, List<LifecycleEffect> effects) {
        if (phase != Phase.ASKING) {
            return;
        }
        if (outcome
                instanceof
                CommandOutcome.Committed(CommandResult.CurrentRegistration(var number), _)) {
            phase = Phase.REGISTERING;
            effects.add(calls.ask(replacing(number), new Calls.Purpose.Registration(), nowMs));
        } else {
            askLater(explain(outcome), nowMs);
        }
    }

    private void registered(CommandOutcome outcome, long nowMs, List<LifecycleEffect> effects) {
        if (phase != Phase.REGISTERING) {
            return;
        }
        switch (outcome) {
            case CommandOutcome.Committed(CommandResult.Registered _, var offset) -> {
                phase = Phase.REGISTERED;
                registrationOffset = offset;
                waitingFor = "its replicas have to follow metadata offset " + offset;
                effects.add(new Follow(offset));
            }
            case CommandOutcome.Refused(var refusal, _)
                    when refusal.code() != Refusal.Code.STALE_REGISTRATION
                            && refusal.code() != Refusal.Code.BUSY -> {
                phase = Phase.EXPELLED;
                effects.add(new Expelled("the controller refused this node: " + refusal.message()));
            }
            case CommandOutcome.Committed _,
                    CommandOutcome.Refused _,
                    CommandOutcome.NotController _,
                    CommandOutcome.Unknown _ ->
                    askLater(explain(outcome), nowMs);
        }
    }

    private void followed(ClusterImage image, long nowMs, List<LifecycleEffect> effects) {
        if (!isRegistered() || image.offset() < registrationOffset) {
            return;
        }
        followed = image;
        recovering.followed(image);
        offline.followed(image);
        var self = image.brokers().broker(template.nodeId());
        if (self.map(BrokerState::incarnation).equals(Optional.of(template.incarnation()))) {
            if (phase == Phase.REGISTERED && isFailedSinceBefore(self.orElseThrow())) {
                phase = Phase.EXPELLED;
                effects.add(
                        new Expelled(
                                "the data directory had an I/O error in an earlier run, and the"
                                        + " disk has kept no mark of it: check the disk, restart"
                                        + " the machine, and start this node again"));
                return;
            }
            if (phase == Phase.REGISTERED) {
                join(nowMs, effects);
            }
            var nowLive = !self.orElseThrow().isFenced();
            if (nowLive != isLive) {
                isLive = nowLive;
                effects.add(new LifecycleEffect.LivenessChanged(nowLive));
            }
        } else if (!stop.isBegun()) {
            phase = Phase.EXPELLED;
            effects.add(
                    new Expelled(
                            self.isPresent()
                                    ? "another process registered as node "
                                            + template.nodeId()
                                            + ": stop it, or give this one another node.id"
                                    : "node "
                                            + template.nodeId()
                                            + " was removed from the cluster"));
        }
        stop.followed(image, effects);
    }

    /// Whether the controller did not restore a directory with the registration: this process does
    /// not know of the failure, and would take for durable what may be in memory only.
    private boolean isFailedSinceBefore(BrokerState self) {
        return template.directories().stream().anyMatch(self.failedDirectories()::contains);
    }

    private void join(long nowMs, List<LifecycleEffect> effects) {
        phase = Phase.JOINED;
        waitingFor = "the controller has to take this node in";
        isStreaming = true;
        effects.add(new LifecycleEffect.OpenSession());
        beat(nowMs, effects);
    }

    private void beat(long nowMs, List<LifecycleEffect> effects) {
        nextBeatMs = nowMs + settings.heartbeatMs();
        effects.add(new LifecycleEffect.Beat());
    }

    private void tick(long nowMs, List<LifecycleEffect> effects) {
        for (var purpose : calls.expired(nowMs)) {
            answered(purpose, new CommandOutcome.Unknown(), nowMs, effects);
        }
        if (isStreaming && nowMs >= nextBeatMs) {
            beat(nowMs, effects);
        }
        if (phase == Phase.ASKING && nowMs >= retryAtMs && !stop.isBegun()) {
            ask(nowMs, effects);
        }
        boolean isStarting = !stop.isBegun() && phase != Phase.EXPELLED && !isLive;
        if (isStarting && nowMs >= nextNoticeMs) {
            nextNoticeMs = nowMs + settings.silenceMs();
            effects.add(new LifecycleEffect.Waiting(waitingFor, nowMs - startedMs));
        }
    }

    /// What is repeated until it is heard.
    private void reports(long nowMs, List<LifecycleEffect> effects) {
        if (!isStreaming || phase == Phase.EXPELLED) {
            return;
        }
        var due = recovering.due(nowMs);
        if (!due.isEmpty()) {
            effects.add(new LifecycleEffect.ReadLogEnds(due));
        }
        offline.due(nowMs)
                .ifPresent(
                        report ->
                                effects.add(calls.ask(report, new Calls.Purpose.Offline(), nowMs)));
        for (var directoryId : failedDirectories) {
            boolean isDue = nowMs >= nextFailureReportMs;
            if (isDue && reportingDirectories.add(directoryId)) {
                var report =
                        new ControllerCommand.ReportFailedDirectory(
                                template.nodeId(), template.incarnation(), directoryId);
                var purpose = new Calls.Purpose.Failure(directoryId);
                effects.add(calls.ask(report, purpose, nowMs));
            }
        }
        requests.dispatch(calls, nowMs, effects);
    }

    private boolean isRegistered() {
        return phase == Phase.REGISTERED || phase == Phase.JOINED;
    }

    private ControllerCommand.RegisterBroker replacing(long number) {
        return new ControllerCommand.RegisterBroker(
                template.nodeId(),
                template.incarnation(),
                number,
                template.clientEndpoint(),
                template.internalEndpoint(),
                template.rack(),
                template.directories(),
                template.weirVersionMin(),
                template.weirVersionMax(),
                template.isSameBoot(),
                template.unprovenDirectories());
    }

    private static String explain(CommandOutcome outcome) {
        return switch (outcome) {
            case CommandOutcome.Committed(var result, _) -> "unexpected answer " + result;
            case CommandOutcome.Refused(var refusal, _) -> refusal.message();
            case CommandOutcome.NotController _ -> "no active controller is known yet";
            case CommandOutcome.Unknown _ -> "the controller did not answer";
        };
    }
}
