// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.core.Lane;

/// What goes wrong, and when: never so much that no good copy of a committed record is left.
final class Chaos {

    private final Simulation simulation;
    private final Engine engine;
    private final Plan plan;
    private final Net net;
    private final Counters counters;
    private final Checker checker;
    private final Operator operator;

    Chaos(Simulation simulation) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.plan = simulation.plan();
        this.net = simulation.net();
        this.counters = simulation.counters();
        this.checker = simulation.checker();
        this.operator = simulation.operator();
    }

    void start() {
        engine.at(2_000, "fault", this::fault);
        engine.at(Plan.HEAL_AT_MS, "heal", this::heal);
    }

    private void heal() {
        engine.trace("HEAL");
        net.heal();
        if (plan.minChange() > 0) {
            operator.settle();
        }
        for (var node : simulation.nodes()) {
            node.resume();
            node.repair();
            engine.at(engine.below(300), "start", node::start);
        }
    }

    private void fault() {
        if (!net.isFaulty()) {
            return;
        }
        engine.at(1 + engine.below(2 * plan.faultMs()), "fault", this::fault);
        int[] weights = {
            plan.crash(),
            plan.power(),
            plan.powerAll(),
            plan.pause(),
            plan.cut(),
            plan.wipe(),
            plan.controller(),
            plan.move(),
            plan.level(),
            plan.minChange(),
            plan.linkBreak(),
            plan.shutdown(),
            1,
            1,
            plan.failDisk()
        };
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int drawn = engine.below(sum);
        int kind = 0;
        while (drawn >= weights[kind]) {
            drawn -= weights[kind++];
        }
        happen(kind, simulation.node(1 + engine.below(plan.nodes())));
    }

    private void happen(int kind, SimNode node) {
        switch (kind) {
            case 0 -> {
                node.crash();
                startLater(node);
            }
            case 1 -> losePower(node);
            case 2 -> loseAllPower();
            case 3 -> {
                if (node.isUp()) {
                    counters.pauses++;
                    node.pause(engine.below(3 * plan.sessionMs()));
                }
            }
            case 4 -> cut(node);
            case 5 -> wipe(node);
            case 6 -> simulation.quorum().elect();
            case 7 -> operator.electPreferred();
            case 8 -> operator.changeLevel();
            case 9 -> operator.changeMinInsync();
            case 10 -> breakLinks(node);
            case 11 -> shutDown(node);
            case 12 -> net.mend();
            case 13 -> simulation.nodes().forEach(SimNode::start);
            default -> failDisk(node);
        }
    }

    private void startLater(SimNode node) {
        var delayMs = engine.below(3) == 0 ? engine.below(30) : engine.below(4_000);
        engine.at(delayMs, "start", node::start);
    }

    private void losePower(SimNode node) {
        var mayHurt = checker.mayLosePower(node);
        if (!mayHurt && !checker.hasAllOnDisk(node)) {
            return;
        }
        node.losePower(mayHurt && engine.chance(plan.torn()));
        startLater(node);
        if (engine.below(3) == 0) {
            // Again before the registration that tells of it may have been confirmed.
            engine.at(
                    engine.below(400),
                    "second crash",
                    () -> {
                        if (net.isFaulty() && node.isUp()) {
                            node.crash();
                            engine.at(engine.below(50), "start", node::start);
                        }
                    });
        }
    }

    private void loseAllPower() {
        for (var node : simulation.nodes()) {
            if (!checker.isSafeWithoutPower(node)) {
                return;
            }
        }
        for (var node : simulation.nodes()) {
            node.losePower(engine.chance(plan.torn()));
            engine.at(200 + engine.below(1_500), "start", node::start);
        }
    }

    private void cut(SimNode node) {
        counters.cuts++;
        int a = node.id();
        if (engine.below(4) == 0) {
            for (int b = 0; b < net.endpoints(); b++) {
                net.cut(a, b);
                net.cut(b, a);
            }
        } else {
            int b = engine.below(net.endpoints());
            net.cut(a, b);
            if (engine.below(2) == 0) {
                net.cut(b, a);
            }
        }
        engine.at(engine.below(6_000), "mend", net::mend);
    }

    private void wipe(SimNode node) {
        if (!checker.mayLoseDisk(node)) {
            return;
        }
        node.losePower(false);
        node.wipe();
        startLater(node);
    }

    /// The next flush of a log fails. After a while an operator looks at the disk, and starts the
    /// node again.
    private void failDisk(SimNode node) {
        if (!node.isUp() || !checker.mayLoseDisk(node)) {
            return;
        }
        node.failDisk();
        engine.at(
                200 + engine.below(engine.below(3) == 0 ? 20_000 : 3_000), "repair", node::repair);
    }

    private void breakLinks(SimNode node) {
        counters.linkBreaks++;
        for (var other : simulation.nodes()) {
            if (other != node && engine.below(2) == 0) {
                SimLinks.breakLink(
                        simulation,
                        node,
                        other,
                        Lane.values()[engine.below(Lane.values().length)],
                        engine.below(60));
            }
        }
        for (var producer : simulation.producers()) {
            for (var stream : producer.streams()) {
                if (engine.below(2) == 0) {
                    stream.breakIn(engine.below(20), "reset");
                }
            }
        }
    }

    private void shutDown(SimNode node) {
        var broker = node.broker();
        if (broker != null && broker.serves() && !node.isStopped()) {
            counters.shutdowns++;
            broker.shutDown();
        }
    }
}
