// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.log.PartitionId;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.image.ClusterImage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// One run of one seed.
final class Simulation {

    static final String TOPIC = "topic";

    private final Engine engine;
    private final Plan plan;
    private final Counters counters = new Counters();
    private final Net net;
    private final Checker checker;
    private final Quorum quorum;
    private final Operator operator;
    private final UUID clusterId;
    private final UUID topicId;
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimProducer> producers = new ArrayList<>();
    private final List<SimReader> readers = new ArrayList<>();

    /// What one run came to.
    ///
    /// @param violation `null` if every invariant held
    record Outcome(
            long seed,
            @Nullable Violation violation,
            long atMs,
            long events,
            long hash,
            Counters counters,
            String plan,
            List<String> trace) {}

    /// Runs a seed to its end, or to the first violation.
    static Outcome run(long seed, boolean isTracing) {
        var simulation = new Simulation(seed, isTracing);
        return simulation.run(seed);
    }

    private Simulation(long seed, boolean isTracing) {
        engine = new Engine(seed, isTracing);
        plan = Plan.draw(engine);
        net = new Net(engine, plan, counters);
        checker = new Checker(this);
        quorum = new Quorum(engine, net, plan, counters, checker);
        operator = new Operator(this);
        clusterId = uuid();
        topicId = uuid();
        for (int id = 1; id <= plan.nodes(); id++) {
            var node = new SimNode(this, id, id <= Plan.VOTERS);
            nodes.add(node);
            if (node.voter() != null) {
                quorum.add(node.voter());
            }
        }
    }

    private Outcome run(long seed) {
        quorum.onCommitted(checker::committed);
        quorum.start();
        for (var node : nodes) {
            engine.at(engine.below(300), "start", node::start);
        }
        operator.start();
        new Chaos(this).start();
        addClients();
        try {
            while (checker.violation() == null && engine.step(Plan.END_MS)) {
                checker.eachEvent();
            }
            if (checker.violation() == null) {
                checker.atEnd();
            }
        } catch (RuntimeException | Error e) {
            checker.broken("simulation", e);
        }
        var trace = new ArrayList<String>();
        engine.traceTail().forEach(trace::add);
        return new Outcome(
                seed,
                checker.violation(),
                engine.nowMs(),
                engine.events(),
                engine.hash(),
                counters,
                plan.toString(),
                trace);
    }

    private void addClients() {
        int producerCount = engine.pick(2, 3);
        for (int i = 0; i < producerCount; i++) {
            var producer = new SimProducer(this, plan.partitions(), engine.pick(80, 140, 200));
            producers.add(producer);
            engine.at(1_000, "producer", producer::start);
        }
        for (int partition = 0; partition < plan.partitions(); partition++) {
            for (int i = 0; i < 2; i++) {
                var reader = new SimReader(this, partition, engine.pick(80, 160));
                readers.add(reader);
                engine.at(1_000, "reader", reader::start);
            }
        }
    }

    Engine engine() {
        return engine;
    }

    Plan plan() {
        return plan;
    }

    Counters counters() {
        return counters;
    }

    Net net() {
        return net;
    }

    Checker checker() {
        return checker;
    }

    Operator operator() {
        return operator;
    }

    Quorum quorum() {
        return quorum;
    }

    UUID clusterId() {
        return clusterId;
    }

    UUID topicId() {
        return topicId;
    }

    List<SimNode> nodes() {
        return nodes;
    }

    List<SimProducer> producers() {
        return producers;
    }

    List<SimReader> readers() {
        return readers;
    }

    SimNode node(int id) {
        return nodes.get(id - 1);
    }

    UUID uuid() {
        return new UUID(engine.random.nextLong(), engine.random.nextLong());
    }

    PartitionId partition(int partition) {
        return new PartitionId(topicId, partition);
    }

    long wallMs() {
        return 1_700_000_000_000L + engine.nowMs();
    }

    ControllerSettings controllerSettings() {
        var base = ControllerSettings.DEFAULT;
        return new ControllerSettings(
                plan.sessionMs(),
                50,
                base.reactivateDelayMs(),
                base.inFlightBatchesMax(),
                base.inFlightBytesMax(),
                base.waitingCommandsMax(),
                base.defaultPartitions(),
                base.partitionsPerBatchMax(),
                base.replicasPerBrokerMax());
    }

    /// Who leads a partition, as an image has it.
    ///
    /// @param node 0 for nobody
    record Leader(int node, int epoch) {}

    /// Leaders by partition. Empty without the topic.
    List<Leader> leaders(ClusterImage image) {
        var leaders = new ArrayList<Leader>();
        image.topics()
                .topic(topicId)
                .ifPresent(
                        topic ->
                                topic.partitions()
                                        .forEach(
                                                state ->
                                                        leaders.add(
                                                                new Leader(
                                                                        state.leader().orElse(0),
                                                                        state.leaderEpoch()))));
        return leaders;
    }

    /// Where a reader that was sent away turns to: the leader by somebody's image, or anyone.
    int anyLeader(int partition, int notNode) {
        var broker = node(1 + engine.below(plan.nodes())).broker();
        if (broker != null) {
            var leaders = leaders(broker.followed());
            if (partition < leaders.size() && leaders.get(partition).node() > 0) {
                return leaders.get(partition).node();
            }
        }
        return 1 + (notNode + engine.below(plan.nodes() - 1)) % plan.nodes();
    }

    /// A client's question, which may never arrive.
    void ask(SimNode node, String what, Consumer<SimBroker> question) {
        if (net.isCut(Net.CLIENTS, node.id()) || !node.isUp()) {
            return;
        }
        engine.on(
                node,
                net.delayMs(Net.CLIENTS, node.id(), Net.LANE_CLIENT),
                what,
                () -> {
                    var broker = node.broker();
                    if (broker != null && broker.serves()) {
                        question.accept(broker);
                    }
                });
    }

    /// A node's answer to a client, which may never arrive.
    void answer(SimNode node, String what, Runnable arrival) {
        if (!net.isCut(node.id(), Net.CLIENTS) && !node.isDying()) {
            engine.at(net.delayMs(node.id(), Net.CLIENTS, Net.LANE_CLIENT), what, arrival);
        }
    }

    /// A process died: whoever was connected to it hears of it, if the network lets him.
    void connectionsLost(SimNode node, @Nullable SimBroker last) {
        if (last != null) {
            last.session().processDied();
        }
        for (var other : nodes) {
            if (other != node && other.isUp()) {
                for (var lane : dev.weir.broker.partition.core.Lane.values()) {
                    SimLinks.notify(this, other, node.id(), lane, engine.below(40));
                }
            }
        }
        for (var producer : producers) {
            for (var stream : producer.streams()) {
                if (stream.node() == node) {
                    var isHeard = net.isOpen(Net.CLIENTS, node.id());
                    stream.breakIn(isHeard ? 1 + engine.below(30) : 800, "connection reset");
                }
            }
        }
    }
}
