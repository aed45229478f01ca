// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.ControllerEvent.BecameLeader;
import dev.weir.metadata.controller.core.ControllerEvent.CommandReceived;
import dev.weir.metadata.controller.core.ControllerEvent.EntryApplied;
import dev.weir.metadata.controller.core.ControllerEvent.Tick;
import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A controller on a log of one voter; the test says when proposals are committed.
final class OneNodeLog {

    final ActiveController controller;
    final TreeMap<Long, CommandOutcome> replies = new TreeMap<>();
    final List<ControllerEffect> effects = new ArrayList<>();
    final ArrayDeque<MetadataBatch> proposed = new ArrayDeque<>();

    ClusterImage image = ClusterImage.EMPTY;
    long term = 1;
    long index = 1;
    long nowMs = 1_000;
    private long lastCommandId;

    OneNodeLog(ControllerSettings settings) {
        controller = new ActiveController(settings, ConfigKeys::problem);
    }

    /// An active controller whose proposals have all been applied.
    static OneNodeLog active() {
        var log = new OneNodeLog(ControllerSettings.DEFAULT);
        log.on(new BecameLeader(log.term, log.image));
        log.commitAll();
        return log;
    }

    /// As [#active], with broker 1 registered and live.
    static OneNodeLog withBroker() {
        return withBrokers(1);
    }

    /// As [#active], with brokers 1 to `count` registered and live.
    static OneNodeLog withBrokers(int count) {
        var log = active();
        for (var node = 1; node <= count; node++) {
            log.submit(
                    Brokers.register(
                            node, Brokers.incarnation(node), 0, false, Brokers.directory(node)));
            log.commitAll();
            log.on(new ControllerEvent.StreamOpened(node, Brokers.incarnation(node)));
            log.commitAll();
        }
        return log;
    }

    void on(ControllerEvent event) {
        for (var effect : controller.on(event, nowMs)) {
            effects.add(effect);
            switch (effect) {
                case ControllerEffect.Propose propose ->
                        proposed.add(MetadataBatchCodec.decode(propose.encoded()));
                case ControllerEffect.Reply(var id, var outcome) -> {
                    if (replies.put(id, outcome) != null) {
                        throw new AssertionError("command " + id + " answered twice");
                    }
                }
                case ControllerEffect.Activated _,
                        ControllerEffect.Renounced _,
                        ControllerEffect.Probe _,
                        ControllerEffect.SessionEnded _ -> {}
            }
        }
    }

    long submit(ControllerCommand command) {
        on(new CommandReceived(++lastCommandId, command));
        return lastCommandId;
    }

    /// Commits and applies the oldest proposal.
    void commit() {
        var batch = proposed.remove();
        var result = image.apply(batch, term, ++index);
        if (result instanceof Applied(var next, _)) {
            image = next;
        }
        on(new EntryApplied(term, index, batch, result));
    }

    void commitAll() {
        while (!proposed.isEmpty()) {
            commit();
        }
    }

    void tick(long ms) {
        nowMs += ms;
        on(new Tick());
    }

    /// Ticks on time for `ms`.
    void pass(long ms) {
        for (var passed = 0L; passed < ms; passed += ControllerSettings.DEFAULT.tickMs()) {
            tick(ControllerSettings.DEFAULT.tickMs());
        }
    }

    Optional<CommandOutcome> reply(long commandId) {
        return Optional.ofNullable(replies.get(commandId));
    }
}
