// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ActiveController;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerEffect;
import dev.weir.metadata.controller.core.ControllerEvent;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.ProposalOutcome;
import dev.weir.metadata.record.MetadataBatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/// The controller of one life of a voter: the real core behind a mailbox that lags, as its thread
/// would.
final class ControllerDriver {

    /// A heartbeat stream that ends here.
    final class Session {
        private final int nodeId;
        private final UUID incarnation;

        private Session(int nodeId, UUID incarnation) {
            this.nodeId = nodeId;
            this.incarnation = incarnation;
        }

        void heartbeat(long metadataOffset, long oldestWorkMs) {
            post(
                    () -> {
                        if (sessions.contains(this)) {
                            tell(
                                    new ControllerEvent.HeartbeatReceived(
                                            nodeId, incarnation, metadataOffset, oldestWorkMs));
                        }
                    });
        }

        void close() {
            post(
                    () -> {
                        if (sessions.remove(this)) {
                            tell(new ControllerEvent.StreamClosed(nodeId, incarnation));
                        }
                    });
        }
    }

    private final Simulation simulation;
    private final Engine engine;
    private final SimNode node;
    private final Voter voter;
    private final ControllerSettings settings;
    private final ActiveController controller;
    private final Map<Long, Consumer<GatewayOutcome>> callers = new HashMap<>();
    private final List<Session> sessions = new ArrayList<>();
    private boolean hearsSessions;
    private boolean isLeading;
    private long lastCommandId;
    private long mailboxAtMs;

    ControllerDriver(SimNode node, Voter voter, Simulation simulation) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.node = node;
        this.voter = voter;
        this.settings = simulation.controllerSettings();
        this.controller = new ActiveController(settings, ConfigKeys::problem);
    }

    void start() {
        engine.on(node, settings.tickMs(), "controller tick", this::tick);
    }

    private void tick() {
        var late = engine.below(10) == 0 ? engine.below(60) : engine.below(4);
        engine.on(node, settings.tickMs() + late, "controller tick", this::tick);
        on(new ControllerEvent.Tick());
    }

    boolean isActive() {
        return controller.isActive();
    }

    void leaderReady(long term, ClusterImage image) {
        isLeading = true;
        post(
                () -> {
                    on(new ControllerEvent.BecameLeader(term, image));
                    hearsSessions = true;
                    for (var session : List.copyOf(sessions)) {
                        tell(new ControllerEvent.StreamOpened(session.nodeId, session.incarnation));
                    }
                });
    }

    void leadershipLost() {
        isLeading = false;
        post(
                () -> {
                    hearsSessions = false;
                    on(new ControllerEvent.LostLeadership());
                });
    }

    void applied(long term, long index, MetadataBatch batch, ApplyResult result) {
        if (isLeading) {
            post(() -> on(new ControllerEvent.EntryApplied(term, index, batch, result)));
        }
    }

    /// Asks for a decision.
    ///
    /// @param caller told the outcome, at most once: not if this node dies
    void submit(ControllerCommand command, Consumer<GatewayOutcome> caller) {
        post(
                () -> {
                    callers.put(++lastCommandId, caller);
                    on(new ControllerEvent.CommandReceived(lastCommandId, command));
                });
    }

    Session open(int nodeId, UUID incarnation) {
        var session = new Session(nodeId, incarnation);
        post(
                () -> {
                    sessions.add(session);
                    tell(new ControllerEvent.StreamOpened(nodeId, incarnation));
                });
        return session;
    }

    private void tell(ControllerEvent event) {
        if (hearsSessions) {
            on(event);
        }
    }

    /// In order, and a little later: always later than what runs now.
    private void post(Runnable task) {
        var lag = engine.below(20) == 0 ? engine.below(40) : 0;
        mailboxAtMs = Math.max(mailboxAtMs, engine.nowMs() + lag);
        engine.on(node, mailboxAtMs - engine.nowMs(), "controller", task);
    }

    private void on(ControllerEvent event) {
        List<ControllerEffect> effects;
        try {
            effects = controller.on(event, node.monotonicMs());
        } catch (IllegalStateException | IllegalArgumentException e) {
            simulation.checker().broken("controller of node " + node.id(), e);
            return;
        }
        for (var effect : effects) {
            switch (effect) {
                case ControllerEffect.Propose propose -> propose(propose);
                case ControllerEffect.Reply(var id, var outcome) -> reply(id, outcome);
                case ControllerEffect.Activated(var term, var id) -> {
                    engine.trace("controller: node " + node.id() + " active, term " + term);
                    simulation.checker().activated(node.id(), term, id);
                }
                case ControllerEffect.Renounced(var reason) -> {
                    simulation.counters().renounced++;
                    engine.trace("controller: node " + node.id() + " renounced: " + reason);
                }
                case ControllerEffect.SessionEnded(var id, _, var cause) ->
                        engine.trace("controller: broker " + id + " is gone: " + cause);
                case ControllerEffect.Probe probe -> probe(probe);
            }
        }
    }

    private void propose(ControllerEffect.Propose propose) {
        var batch = propose.batch();
        voter.propose(propose.encoded())
                .thenAccept(
                        outcome -> {
                            if (outcome instanceof ProposalOutcome.Unknown(var reason)) {
                                post(
                                        () ->
                                                on(
                                                        new ControllerEvent.ProposalFailed(
                                                                batch.activationId(),
                                                                batch.seq(),
                                                                reason)));
                            }
                        });
    }

    private void reply(long commandId, CommandOutcome outcome) {
        var caller = callers.remove(commandId);
        if (caller == null) {
            simulation.checker().fail("R", "a command was answered twice: " + outcome);
            return;
        }
        caller.accept(
                switch (outcome) {
                    case CommandOutcome.Committed(var result, var offset) -> {
                        simulation.checker().told(result, offset);
                        yield new GatewayOutcome.Committed(result, offset);
                    }
                    case CommandOutcome.Refused(var refusal, var offset) ->
                            new GatewayOutcome.Refused(refusal, offset);
                    case CommandOutcome.NotController _ ->
                            new GatewayOutcome.NotController(voter.leaderHint());
                    case CommandOutcome.Unknown _ -> new GatewayOutcome.Unknown("leadership lost");
                });
    }

    /// Refused where no process listens; nothing but time tells where nobody answers.
    private void probe(ControllerEffect.Probe probe) {
        var target = simulation.node(probe.nodeId());
        var isSilent = !simulation.net().isOpen(node.id(), target.id());
        engine.on(
                node,
                isSilent ? settings.sessionTimeoutMs() : 1 + engine.below(20),
                "probe",
                () ->
                        post(
                                () ->
                                        on(
                                                new ControllerEvent.ProbeFinished(
                                                        probe.probeId(),
                                                        probe.nodeId(),
                                                        !isSilent && target.life() == 0))));
    }
}
