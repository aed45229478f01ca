// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;

/// A broker's heartbeat stream to the controller that it believes in: opened again elsewhere when
/// nothing is heard of it.
final class SimSession {

    private static final int SILENCE_MS = 600;

    private final Simulation simulation;
    private final Engine engine;
    private final Net net;
    private final SimNode node;
    private final SimGateway gateway;
    private ControllerDriver.@Nullable Session stream;
    private @Nullable SimNode at;
    private long atLife;
    private long heardMs;
    private long offset;

    /// Whoever was asked last said who leads.
    private boolean isHinted;

    SimSession(Simulation simulation, SimNode node, SimGateway gateway) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.net = simulation.net();
        this.node = node;
        this.gateway = gateway;
    }

    void beat(long metadataOffset) {
        offset = metadataOffset;
        var target = at;
        if (target == null || target.life() != atLife || engine.nowMs() - heardMs > SILENCE_MS) {
            if (!isHinted) {
                gateway.hinted(OptionalInt.empty());
            }
            isHinted = false;
            close();
            open();
            return;
        }
        if (net.isCut(node.id(), target.id())) {
            return;
        }
        var current = stream;
        engine.on(
                target,
                net.orderedMs(node.id(), target.id(), Net.LANE_CONTROL),
                "heartbeat arrives",
                () -> {
                    if (current != null) {
                        current.heartbeat(metadataOffset, 0);
                        answer(target);
                    }
                });
    }

    private void answer(SimNode target) {
        var voter = target.voter();
        if (voter == null || net.isCut(target.id(), node.id())) {
            return;
        }
        var leads = voter.leadTerm() > 0;
        var hint = voter.leaderHint();
        engine.to(
                node,
                net.orderedMs(target.id(), node.id(), Net.LANE_CONTROL),
                "heartbeat heard",
                () -> {
                    if (leads) {
                        heardMs = engine.nowMs();
                    } else if (hint.isPresent()) {
                        gateway.hinted(hint);
                        isHinted = true;
                        heardMs = engine.nowMs() - SILENCE_MS - 1;
                    }
                });
    }

    void open() {
        var target = simulation.node(gateway.believed());
        at = target;
        atLife = target.life();
        heardMs = engine.nowMs();
        if (!target.isUp() || !net.isOpen(node.id(), target.id())) {
            at = null;
            return;
        }
        var life = node.life();
        engine.on(
                target,
                net.orderedMs(node.id(), target.id(), Net.LANE_CONTROL),
                "session opens",
                () -> opened(target, life));
    }

    private void opened(SimNode target, long life) {
        var voter = target.voter();
        var controller = voter == null ? null : voter.controller();
        if (controller == null) {
            return;
        }
        var opened = controller.open(node.id(), node.incarnation());
        if (node.life() == life && at == target && stream == null) {
            stream = opened;
            opened.heartbeat(offset, 0);
            answer(target);
        } else {
            opened.close();
        }
    }

    void close() {
        var last = stream;
        var where = at;
        stream = null;
        at = null;
        if (last != null && where != null && where.life() == atLife) {
            engine.on(where, 1 + engine.below(20), "session closes", last::close);
        }
    }

    /// What the controller sees of this process's death, if the network lets it.
    void processDied() {
        var where = at;
        if (where != null && net.isOpen(node.id(), where.id())) {
            close();
        }
    }
}
