// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// A broker's way to the controller: a request over the network to the node that it believes in, an
/// answer that may be lost, late or come after the caller gave up.
final class SimGateway implements ControllerGateway {

    private final Simulation simulation;
    private final Engine engine;
    private final SimNode node;
    private int believed;

    SimGateway(Simulation simulation, SimNode node) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.node = node;
        this.believed = anyVoter();
    }

    private int anyVoter() {
        return 1 + engine.below(Plan.VOTERS);
    }

    /// The voter to ask next.
    int believed() {
        var voter = node.voter();
        if (voter != null) {
            voter.leaderHint().ifPresent(hint -> believed = hint);
        }
        return believed;
    }

    void hinted(OptionalInt hint) {
        believed = hint.orElseGet(this::anyVoter);
    }

    @Override
    public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
        var answer = new CompletableFuture<GatewayOutcome>();
        var life = node.life();
        var target = simulation.node(believed());
        engine.on(
                node,
                timeout.toMillis(),
                "gateway timeout",
                () -> {
                    if (answer.complete(new GatewayOutcome.Unknown("no answer"))) {
                        hinted(OptionalInt.empty());
                    }
                });
        if (node.isDying()) {
            return answer;
        }
        if (!target.isUp() && simulation.net().isOpen(node.id(), target.id())) {
            engine.on(
                    node,
                    2 + engine.below(8),
                    "connection refused",
                    () -> {
                        hinted(OptionalInt.empty());
                        answer.complete(new GatewayOutcome.NotController(OptionalInt.empty()));
                    });
            return answer;
        }
        Consumer<GatewayOutcome> caller = outcome -> reply(target, life, outcome, answer);
        var parcel = Net.Parcel.of(target, "command", () -> execute(target, command, caller));
        simulation.net().datagram(node.id(), target.id(), Net.LANE_CONTROL, parcel);
        return answer;
    }

    private void execute(
            SimNode target, ControllerCommand command, Consumer<GatewayOutcome> caller) {
        var voter = target.voter();
        var controller = voter == null ? null : voter.controller();
        if (controller == null) {
            return;
        }
        controller.submit(command, caller);
    }

    private void reply(
            SimNode target,
            long life,
            GatewayOutcome outcome,
            CompletableFuture<GatewayOutcome> answer) {
        var parcel =
                Net.Parcel.of(
                        node,
                        "answer",
                        () -> {
                            if (node.life() != life) {
                                return;
                            }
                            if (outcome instanceof GatewayOutcome.NotController(var hint)) {
                                hinted(hint);
                            }
                            answer.complete(outcome);
                        });
        simulation.net().datagram(target.id(), node.id(), Net.LANE_CONTROL, parcel);
    }

    @Override
    public BrokerSession openSession(int nodeId, UUID incarnation) {
        throw new UnsupportedOperationException("SimBroker has its own");
    }
}
