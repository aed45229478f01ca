// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.metadata.ProducerIds;
import dev.weir.broker.metadata.ReplicaFollower;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.PartitionPorts;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.TopicPartition;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// The broker of one life of a node: registers, follows the metadata, beats, serves.
final class SimBroker {

    private static final Duration PATIENCE = Duration.ofMillis(600);
    private static final int RETRY_MS = 50;
    private static final int FEED_MS = 80;

    private final Simulation simulation;
    private final Engine engine;
    private final SimNode node;
    private final SimGateway gateway;
    private final NodeStorage storage;
    private final ProducerIds producerIds;
    private @Nullable ReplicaFollower follower;
    private ClusterImage newest = ClusterImage.EMPTY;
    private ClusterImage followed = ClusterImage.EMPTY;
    private ControllerDriver.@Nullable Session session;
    private @Nullable SimNode sessionAt;
    private long sessionLife;
    private long heardMs;
    private boolean isStopping;

    SimBroker(Simulation simulation, SimNode node) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.node = node;
        this.gateway = new SimGateway(simulation, node);
        var links = new SimLinks(simulation, node);
        var requests = new SimRequests(simulation, node, gateway);
        this.storage = new NodeStorage(simulation, node, new PartitionPorts(links, requests));
        this.producerIds =
                new ProducerIds(gateway, node.id(), node.incarnation(), Duration.ofSeconds(1));
    }

    NodeStorage storage() {
        return storage;
    }

    ProducerIds producerIds() {
        return producerIds;
    }

    /// The image that the replicas follow.
    ClusterImage followed() {
        return followed;
    }

    boolean serves() {
        return follower != null && !isStopping;
    }

    void start() {
        askRegistration();
        if (node.voter() == null) {
            engine.on(node, engine.below(FEED_MS), "feed", this::askImage);
        }
    }

    // ------------------------------------------------------------------ registration

    private void askRegistration() {
        gateway.submit(new ControllerCommand.AskRegistration(node.id()), PATIENCE)
                .thenAccept(
                        outcome -> {
                            if (outcome
                                    instanceof
                                    GatewayOutcome.Committed(
                                            CommandResult.CurrentRegistration(var number),
                                            _)) {
                                register(number);
                            } else {
                                engine.on(node, RETRY_MS, "register", this::askRegistration);
                            }
                        });
    }

    private void register(long replaces) {
        var command =
                new ControllerCommand.RegisterBroker(
                        node.id(),
                        node.incarnation(),
                        replaces,
                        new Endpoint("node" + node.id(), 9092),
                        new Endpoint("node" + node.id(), 9402),
                        Optional.empty(),
                        List.of(storage.directoryId()),
                        1,
                        1,
                        storage.isSameBoot());
        gateway.submit(command, PATIENCE)
                .thenAccept(
                        outcome -> {
                            if (outcome
                                    instanceof
                                    GatewayOutcome.Committed(
                                            CommandResult.Registered _,
                                            var offset)) {
                                registered(offset);
                            } else {
                                engine.on(node, RETRY_MS, "register", this::askRegistration);
                            }
                        });
    }

    private void registered(long offset) {
        if (follower != null) {
            return;
        }
        storage.registered();
        engine.trace("node " + node.id() + " registered at " + offset);
        follower =
                new ReplicaFollower(
                        node.id(), Map.of(), storage, offset, image -> followed = image);
        beat();
        reportEnds();
        follow();
    }

    // ------------------------------------------------------------------ metadata

    /// An image of the local voter, or of the feed.
    void onImage(ClusterImage image) {
        if (image.offset() >= newest.offset()) {
            newest = image;
            engine.on(node, engine.below(10), "follow", this::follow);
        }
    }

    private void follow() {
        if (follower != null) {
            follower.follow(newest);
        }
    }

    /// A node without a voter asks some voter for what is newer.
    private void askImage() {
        engine.on(node, FEED_MS + engine.below(FEED_MS), "feed", this::askImage);
        var from = simulation.node(1 + engine.below(Plan.VOTERS));
        var life = node.life();
        var request =
                Net.Parcel.of(
                        from,
                        "feed request",
                        () -> {
                            var voter = from.voter();
                            if (voter == null || voter.image().offset() <= newest.offset()) {
                                return;
                            }
                            var image = voter.image();
                            simulation
                                    .net()
                                    .datagram(
                                            from.id(),
                                            node.id(),
                                            Net.LANE_CONTROL,
                                            Net.Parcel.of(
                                                    node,
                                                    "image",
                                                    () -> {
                                                        if (node.life() == life) {
                                                            onImage(image);
                                                        }
                                                    }));
                        });
        simulation.net().datagram(node.id(), from.id(), Net.LANE_CONTROL, request);
    }

    // ------------------------------------------------------------------ liveness

    private void beat() {
        engine.on(
                node,
                simulation.plan().sessionMs() / 7 + engine.below(10),
                "heartbeat",
                this::beat);
        var target = sessionAt;
        if (target == null || target.life() != sessionLife || engine.nowMs() - heardMs > 600) {
            gateway.hinted(OptionalInt.empty());
            closeSession();
            openSession();
        } else if (!simulation.net().isCut(node.id(), target.id())) {
            var current = session;
            var offset = followed.offset();
            engine.on(
                    target,
                    simulation.net().orderedMs(node.id(), target.id(), Net.LANE_CONTROL),
                    "heartbeat arrives",
                    () -> {
                        if (current != null) {
                            current.heartbeat(offset, 0);
                            answerBeat(target);
                        }
                    });
        }
    }

    private void answerBeat(SimNode target) {
        var voter = target.voter();
        if (voter == null
                || voter.leadTerm() == 0
                || simulation.net().isCut(target.id(), node.id())) {
            return;
        }
        engine.to(
                node,
                simulation.net().orderedMs(target.id(), node.id(), Net.LANE_CONTROL),
                "heartbeat heard",
                () -> heardMs = engine.nowMs());
    }

    private void openSession() {
        var target = simulation.node(gateway.believed());
        sessionAt = target;
        sessionLife = target.life();
        heardMs = engine.nowMs();
        if (!target.isUp() || !simulation.net().isOpen(node.id(), target.id())) {
            gateway.hinted(OptionalInt.empty());
            return;
        }
        var life = node.life();
        engine.on(
                target,
                simulation.net().orderedMs(node.id(), target.id(), Net.LANE_CONTROL),
                "session opens",
                () -> {
                    var voter = target.voter();
                    if (voter == null || voter.controller() == null) {
                        return;
                    }
                    var opened = voter.controller().open(node.id(), node.incarnation());
                    if (node.life() == life && sessionAt == target) {
                        session = opened;
                        opened.heartbeat(followed.offset(), 0);
                        answerBeat(target);
                    } else {
                        opened.close();
                    }
                });
    }

    private void closeSession() {
        var last = session;
        var at = sessionAt;
        session = null;
        sessionAt = null;
        if (last != null && at != null && at.life() == sessionLife) {
            engine.on(at, 1 + engine.below(20), "session closes", last::close);
        }
    }

    /// What the controller sees of this process's death, if it is reached at all.
    void connectionLost() {
        var at = sessionAt;
        var last = session;
        if (last != null
                && at != null
                && at.life() == sessionLife
                && simulation.net().isOpen(node.id(), at.id())) {
            engine.on(at, 1 + engine.below(40), "session breaks", last::close);
        }
    }

    /// Tells where the logs end of which an unclean restart took the membership away.
    private void reportEnds() {
        engine.on(node, 150, "report ends", this::reportEnds);
        var ends = new TreeMap<TopicPartition, ControllerCommand.LogEnd>();
        for (var local : storage.partitions()) {
            var id = new TopicPartition(local.id().topicId(), local.id().partition());
            var state = followed.topics().partition(id);
            if (state.isPresent() && state.get().recovering().contains(node.id())) {
                ends.put(
                        id,
                        new ControllerCommand.LogEnd(
                                local.log().latestEpoch(), local.log().logEndOffset()));
            }
        }
        if (!ends.isEmpty()) {
            gateway.submit(
                    new ControllerCommand.ReportLogEnds(node.id(), node.incarnation(), ends),
                    PATIENCE);
        }
    }

    // ------------------------------------------------------------------ controlled shutdown

    /// Stops in order: leaders move, what waits is answered, everything is flushed, the process
    /// ends and a new one starts.
    void shutDown() {
        isStopping = true;
        gateway.submit(
                new ControllerCommand.StartShutdown(node.id(), node.incarnation()), PATIENCE);
        engine.on(
                node,
                100 + engine.below(400),
                "drain",
                () -> storage.partitions().forEach(LocalPartition::drain));
        engine.on(node, 700 + engine.below(400), "close", this::close);
    }

    private void close() {
        var waiting = new ArrayList<CompletableFuture<Void>>();
        storage.partitions().forEach(partition -> waiting.add(partition.close()));
        CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new))
                .thenRun(() -> engine.on(node, 1, "exit", this::exit));
    }

    private void exit() {
        storage.partitions().forEach(partition -> partition.log().close());
        storage.markClean();
        closeSession();
        node.exit();
        engine.at(100 + engine.below(1_000), "start", node::start);
    }
}
