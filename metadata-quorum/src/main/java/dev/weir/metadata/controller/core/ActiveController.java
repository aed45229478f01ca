// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.CommandOutcome.NotController;
import dev.weir.metadata.controller.core.CommandOutcome.Refused;
import dev.weir.metadata.controller.core.CommandOutcome.Unknown;
import dev.weir.metadata.controller.core.ControllerEffect.Activated;
import dev.weir.metadata.controller.core.ControllerEffect.Propose;
import dev.weir.metadata.controller.core.ControllerEffect.Renounced;
import dev.weir.metadata.controller.core.ControllerEffect.Reply;
import dev.weir.metadata.controller.core.ControllerEvent.BecameLeader;
import dev.weir.metadata.controller.core.ControllerEvent.CommandReceived;
import dev.weir.metadata.controller.core.ControllerEvent.EntryApplied;
import dev.weir.metadata.controller.core.ControllerEvent.HeartbeatReceived;
import dev.weir.metadata.controller.core.ControllerEvent.LostLeadership;
import dev.weir.metadata.controller.core.ControllerEvent.ProbeFinished;
import dev.weir.metadata.controller.core.ControllerEvent.ProposalFailed;
import dev.weir.metadata.controller.core.ControllerEvent.StreamClosed;
import dev.weir.metadata.controller.core.ControllerEvent.StreamOpened;
import dev.weir.metadata.controller.core.ControllerEvent.Tick;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.image.ApplyResult.Skipped;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The controller of the node that leads the quorum: decides against its pending image, proposes
/// batches, and answers callers once those have applied (ADR 0005).
///
/// ```
///              BecameLeader                 own ControllerActivated applied
///   Standby ─────────────────▶ Activating ───────────────────────────────▶ Active
///      ▲                           ▲                                         │
///      │ LostLeadership            └─ Renounced ◀─ proposal refused, failed, ┘
///      └──── from every state          (waits)     skipped: pending image dropped
/// ```
///
/// **Threading:** none of its own; one event at a time, all state is owned by the caller.
///
/// **Bound:** proposals in flight and commands that wait have maxima in [ControllerSettings];
/// beyond them commands are refused as [Code#BUSY].
public final class ActiveController {

    /// What the node is in the quorum's eyes.
    private sealed interface Phase {

        /// Another node leads, or none.
        record Standby() implements Phase {}

        /// The activation is proposed. Nothing is decided.
        record Activating(long term, long activationId) implements Phase {}

        /// The activation applied here, and nothing went wrong since.
        record Active(long term, Pending pending) implements Phase {}

        /// An activation was given up; the next one is due.
        record Waiting(long term, long untilMs) implements Phase {}
    }

    private final ControllerSettings settings;
    private final ConfigRules configRules;
    private final BrokerSessions sessions;
    private final LogEnds logEnds = new LogEnds();
    private final OfflineReplicas offline = new OfflineReplicas();
    private final HeardLeaders heardLeaders = new HeardLeaders();
    private final LeaderBalance balance = new LeaderBalance();
    private final ArrayDeque<CommandReceived> waiting = new ArrayDeque<>();

    private Phase phase = new Phase.Standby();
    private ClusterImage applied = ClusterImage.EMPTY;

    /// Whether something happened that partitions may have to follow.
    private boolean isUpkeepDue;

    /// @param settings times and limits
    /// @param configRules the keys that exist
    public ActiveController(ControllerSettings settings, ConfigRules configRules) {
        this.settings = settings;
        this.configRules = configRules;
        sessions = new BrokerSessions(settings);
    }

    /// Reacts to one event.
    ///
    /// @param event what happened
    /// @param nowMs monotonic time in milliseconds; never falls
    /// @return what to do, in order
    public List<ControllerEffect> on(ControllerEvent event, long nowMs) {
        var effects = new ArrayList<ControllerEffect>();
        switch (event) {
            case BecameLeader(var term, var image) -> lead(term, image, nowMs, effects);
            case LostLeadership _ -> retire(effects);
            case EntryApplied entry -> applied(entry, nowMs, effects);
            case ProposalFailed failed -> failed(failed, nowMs, effects);
            case CommandReceived command -> receive(command, effects);
            case StreamOpened(var nodeId, var incarnation) -> {
                sessions.opened(nodeId, incarnation, nowMs);
                isUpkeepDue = true;
            }
            case HeartbeatReceived heartbeat ->
                    isUpkeepDue |= sessions.heard(heartbeat, nowMs) || heardLeaders.areAwaited();
            case StreamClosed(var nodeId, var incarnation) ->
                    sessions.closed(nodeId, incarnation, decided().brokers(), nowMs)
                            .filter(_ -> !(phase instanceof Phase.Standby))
                            .ifPresent(effects::add);
            case ProbeFinished probe -> {
                sessions.probed(probe).ifPresent(effects::add);
                isUpkeepDue = true;
            }
            case Tick _ -> tick(nowMs, effects);
        }
        upkeep(effects);
        return effects;
    }

    /// Whether decisions are being made: an own activation has applied and was not given up.
    public boolean isActive() {
        return phase instanceof Phase.Active;
    }

    private void lead(long term, ClusterImage image, long nowMs, List<ControllerEffect> effects) {
        drop("leads again", effects);
        applied = image;
        // The shell tells of every open stream again; those that were heard before may be gone.
        sessions.clear();
        sessions.start(nowMs);
        activate(term, effects);
    }

    private void retire(List<ControllerEffect> effects) {
        drop("lost leadership", effects);
        phase = new Phase.Standby();
        sessions.clear();
        logEnds.clear();
        offline.clear();
    }

    private void activate(long term, List<ControllerEffect> effects) {
        var activationId = applied.activation().activationId() + 1;
        phase = new Phase.Activating(term, activationId);
        var batch = MetadataBatch.activation(term, activationId);
        effects.add(new Propose(term, batch, MetadataBatchCodec.encode(batch)));
    }

    /// Gives up the activation. Callers whose proposals are on their way cannot be told what became
    /// of them; those who only wait have changed nothing.
    private void drop(String reason, List<ControllerEffect> effects) {
        if (phase instanceof Phase.Active(_, var pending)) {
            pending.proposed().forEach(id -> effects.add(new Reply(id, new Unknown())));
            pending.undecided().forEach(id -> effects.add(new Reply(id, new NotController())));
        }
        waiting.forEach(c -> effects.add(new Reply(c.commandId(), new NotController())));
        waiting.clear();
        if (!(phase instanceof Phase.Standby)) {
            effects.add(new Renounced(reason));
        }
    }

    private void renounce(long term, String reason, long nowMs, List<ControllerEffect> effects) {
        drop(reason, effects);
        phase = new Phase.Waiting(term, nowMs + settings.reactivateDelayMs());
    }

    private void tick(long nowMs, List<ControllerEffect> effects) {
        var ended = sessions.tick(decided().brokers(), nowMs);
        effects.addAll(ended);
        isUpkeepDue |= !ended.isEmpty();
        if (phase instanceof Phase.Waiting(var term, var untilMs) && nowMs >= untilMs) {
            activate(term, effects);
        }
        if (phase instanceof Phase.Active(var term, var pending) && pending.hasRoom()) {
            propose(balance.tick(context(pending), nowMs), term, pending, effects);
        }
    }

    private void applied(EntryApplied entry, long nowMs, List<ControllerEffect> effects) {
        if (entry.result() instanceof Applied(var image, var delta)) {
            applied = image;
            heardLeaders.applied(image, delta);
            logEnds.applied(image, delta);
        }
        switch (phase) {
            case Phase.Activating(var term, var activationId) -> {
                if (entry.term() == term
                        && entry.batch().isActivation()
                        && entry.batch().activationId() == activationId) {
                    activationApplied(term, entry, nowMs, effects);
                }
            }
            case Phase.Active(var term, var pending) ->
                    proposalApplied(term, pending, entry, nowMs, effects);
            case Phase.Standby _, Phase.Waiting _ -> {}
        }
    }

    private void activationApplied(
            long term, EntryApplied entry, long nowMs, List<ControllerEffect> effects) {
        switch (entry.result()) {
            case Skipped(var reason) ->
                    renounce(term, "activation skipped: " + reason, nowMs, effects);
            case Applied(var image, _) -> {
                phase = new Phase.Active(term, new Pending(image, settings));
                effects.add(new Activated(term, entry.batch().activationId()));
                heardLeaders.start(image);
                balance.start(nowMs);
                effects.addAll(sessions.probeUnknown(image.brokers(), nowMs));
                isUpkeepDue = true;
                decideWaiting(effects);
            }
        }
    }

    private void proposalApplied(
            long term,
            Pending pending,
            EntryApplied entry,
            long nowMs,
            List<ControllerEffect> effects) {
        var isOurs = entry.term() == term && entry.batch().activationId() == pending.activationId();
        switch (entry.result()) {
            case Skipped(var reason) when isOurs && !entry.batch().isActivation() ->
                    renounce(term, "proposal skipped: " + reason, nowMs, effects);
            case Skipped _ -> {}
            case Applied _ when isOurs -> {
                pending.applied(entry.batch().seq())
                        .forEach(
                                answer ->
                                        effects.add(
                                                new Reply(
                                                        answer.commandId(),
                                                        answer.outcome(entry.index()))));
                decideWaiting(effects);
            }
            case Applied _ -> renounce(term, "another activation applied", nowMs, effects);
        }
    }

    private void failed(ProposalFailed failed, long nowMs, List<ControllerEffect> effects) {
        switch (phase) {
            case Phase.Activating(var term, var activationId)
                    when failed.activationId() == activationId && failed.seq() == 0 ->
                    renounce(term, "activation failed: " + failed.reason(), nowMs, effects);
            case Phase.Active(var term, var pending)
                    when failed.activationId() == pending.activationId()
                            && pending.isInFlight(failed.seq()) ->
                    renounce(term, "proposal failed: " + failed.reason(), nowMs, effects);
            case Phase.Standby _, Phase.Activating _, Phase.Active _, Phase.Waiting _ -> {}
        }
    }

    private void receive(CommandReceived command, List<ControllerEffect> effects) {
        switch (phase) {
            case Phase.Standby _ ->
                    effects.add(new Reply(command.commandId(), new NotController()));
            case Phase.Activating _, Phase.Waiting _ -> enqueue(command, effects);
            case Phase.Active(var term, var pending) -> {
                if (waiting.isEmpty() && pending.hasRoom()) {
                    decide(command, term, pending, effects);
                } else {
                    enqueue(command, effects);
                }
            }
        }
    }

    private void enqueue(CommandReceived command, List<ControllerEffect> effects) {
        if (waiting.size() < settings.waitingCommandsMax()) {
            waiting.add(command);
        } else {
            var refusal = new Refusal(Code.BUSY, "too many commands wait for the controller");
            effects.add(new Reply(command.commandId(), new Refused(refusal, applied.offset())));
        }
    }

    private void decideWaiting(List<ControllerEffect> effects) {
        while (phase instanceof Phase.Active(var term, var pending)
                && !waiting.isEmpty()
                && pending.hasRoom()) {
            decide(waiting.remove(), term, pending, effects);
        }
    }

    private void decide(
            CommandReceived received, long term, Pending pending, List<ControllerEffect> effects) {
        var context = context(pending);
        var id = received.commandId();
        switch (CommandDecider.decide(received.command(), context)) {
            case Decision.Refuse(var refusal) ->
                    answer(id, new Pending.Answer.Refuse(id, refusal), pending, effects);
            case Decision.Accept(var records, var result) when records.isEmpty() -> {
                switch (received.command()) {
                    case ControllerCommand.ReportLogEnds report -> {
                        LogEndReport.keep(report, context);
                        isUpkeepDue = true;
                    }
                    case ControllerCommand.ReportOfflineReplicas report ->
                            isUpkeepDue |= offline.put(report);
                    default -> {
                        // It changed nothing.
                    }
                }
                answer(id, new Pending.Answer.Commit(id, result), pending, effects);
            }
            case Decision.Accept(var records, var result) -> {
                var batch = pending.next(records);
                var encoded = MetadataBatchCodec.encode(batch);
                if (encoded.length > MetadataBatch.BYTES_MAX) {
                    var refusal =
                            new Refusal(
                                    Code.LIMIT_EXCEEDED,
                                    "the change takes "
                                            + encoded.length
                                            + " bytes, more than one batch holds");
                    answer(id, new Pending.Answer.Refuse(id, refusal), pending, effects);
                } else {
                    pending.propose(batch, encoded.length, new Pending.Answer.Commit(id, result));
                    effects.add(new Propose(term, batch, encoded));
                    isUpkeepDue = true;
                }
            }
        }
    }

    /// An answer that proposes nothing rests on the pending image all the same: it waits for what
    /// is in flight.
    private void answer(
            long commandId,
            Pending.Answer answer,
            Pending pending,
            List<ControllerEffect> effects) {
        if (!pending.attach(answer)) {
            effects.add(new Reply(commandId, answer.outcome(applied.offset())));
        }
    }

    /// Proposes what the controller decides by itself, as long as there is something and room.
    private void upkeep(List<ControllerEffect> effects) {
        while (isUpkeepDue
                && phase instanceof Phase.Active(var term, var pending)
                && pending.hasRoom()) {
            var context = context(pending);
            List<MetadataRecord> records =
                    Upkeep.next(
                            context,
                            sessions.ended(context.image().brokers()),
                            heardLeaders.heard(context.image(), sessions));
            if (records.isEmpty()) {
                isUpkeepDue = false;
                return;
            }
            propose(records, term, pending, effects);
        }
    }

    /// Proposes what nobody waits for.
    private static void propose(
            List<MetadataRecord> records,
            long term,
            Pending pending,
            List<ControllerEffect> effects) {
        if (records.isEmpty()) {
            return;
        }
        var batch = pending.next(records);
        var encoded = MetadataBatchCodec.encode(batch);
        if (encoded.length > MetadataBatch.BYTES_MAX) {
            throw new IllegalStateException(
                    records.size() + " records of upkeep take " + encoded.length + " bytes");
        }
        pending.propose(batch, encoded.length);
        effects.add(new Propose(term, batch, encoded));
    }

    private DecisionContext context(Pending pending) {
        var image = pending.image();
        return new DecisionContext(
                image,
                sessions.live(image.brokers()),
                sessions.overloaded(image.brokers()),
                logEnds,
                offline,
                settings,
                configRules);
    }

    /// The newest image that this node knows: the pending one while it decides.
    private ClusterImage decided() {
        return phase instanceof Phase.Active(_, var pending) ? pending.image() : applied;
    }
}
