// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Who makes the topic and changes its configuration: asks any controller, until one has done it.
final class Operator {

    private static final int RETRY_MS = 200;

    private final Simulation simulation;
    private final Engine engine;

    /// Asked for, and not answered for certain.
    private final List<Integer> minimaOnTheirWay = new ArrayList<>();

    Operator(Simulation simulation) {
        this.simulation = simulation;
        this.engine = simulation.engine();
    }

    void start() {
        engine.at(300, "create topic", this::createTopic);
    }

    private void createTopic() {
        var image = simulation.quorum().reference();
        if (image.topics().topic(simulation.topicId()).isPresent()) {
            return;
        }
        engine.at(RETRY_MS, "create topic", this::createTopic);
        var unfenced = image.brokers().all().stream().filter(b -> !b.isFenced()).count();
        if (unfenced < simulation.plan().nodes() && engine.nowMs() < 3_000) {
            return;
        }
        var plan = simulation.plan();
        var configs = new TreeMap<String, String>();
        configs.put("durability", plan.isFsync() ? "fsync" : "replicated");
        configs.put("min.insync.replicas", Integer.toString(plan.minInsync()));
        submit(
                new ControllerCommand.CreateTopic(
                        simulation.topicId(),
                        Simulation.TOPIC,
                        OptionalInt.of(plan.partitions()),
                        OptionalInt.of(Plan.REPLICATION_FACTOR),
                        configs,
                        false,
                        false),
                this::heard);
    }

    /// Changes the level, and now and then at once back again.
    void changeLevel() {
        var isFsync = simulation.checker().isFsyncConfigured();
        set("durability", isFsync ? "replicated" : "fsync", this::heard);
        if (engine.below(2) == 0) {
            engine.at(
                    5 + engine.below(150),
                    "level back",
                    () -> {
                        if (simulation.net().isFaulty()) {
                            set("durability", isFsync ? "fsync" : "replicated", this::heard);
                        }
                    });
        }
    }

    /// Asks for another minimum; for a lower one only while every copy is sound, as the members
    /// that the lower minimum gives up may hold the only good one.
    void changeMinInsync() {
        Integer minInsync = 1 + engine.below(3);
        if (minInsync < simulation.checker().minInsync() && simulation.checker().isAnyoneHurt()) {
            return;
        }
        minimaOnTheirWay.add(minInsync);
        set(
                "min.insync.replicas",
                minInsync.toString(),
                outcome -> {
                    heard(outcome);
                    if (!(outcome instanceof GatewayOutcome.Unknown)) {
                        minimaOnTheirWay.remove(minInsync);
                    }
                });
    }

    /// The lowest minimum that the topic may still be given.
    OptionalInt lowestMinInsyncOnItsWay() {
        return minimaOnTheirWay.stream().mapToInt(Integer::intValue).min();
    }

    /// The topic is left as it can be healed with any two replicas.
    void settle() {
        set("min.insync.replicas", Integer.toString(simulation.plan().minInsync()), this::heard);
    }

    private void set(String key, String value, Consumer<GatewayOutcome> caller) {
        SortedMap<String, Optional<String>> changes = new TreeMap<>();
        changes.put(key, Optional.of(value));
        engine.trace("operator: " + key + "=" + value);
        submit(
                new ControllerCommand.AlterTopic(
                        new ControllerCommand.TopicRef.ById(simulation.topicId()),
                        OptionalInt.empty(),
                        changes,
                        false),
                caller);
    }

    void electPreferred() {
        var partitions = new TreeSet<TopicPartition>();
        for (int partition = 0; partition < simulation.plan().partitions(); partition++) {
            partitions.add(new TopicPartition(simulation.topicId(), partition));
        }
        submit(
                new ControllerCommand.ElectLeaders(
                        partitions, ControllerCommand.ElectionKind.PREFERRED),
                this::heard);
    }

    private void submit(ControllerCommand command, Consumer<GatewayOutcome> caller) {
        for (var node : simulation.nodes()) {
            var voter = node.voter();
            var controller = voter == null ? null : voter.controller();
            if (controller != null && controller.isActive() && !node.isStopped()) {
                engine.on(
                        node,
                        1 + engine.below(10),
                        "operator",
                        () -> controller.submit(command, caller));
                return;
            }
        }
    }

    private void heard(GatewayOutcome outcome) {
        engine.trace("operator hears " + outcome);
    }
}
