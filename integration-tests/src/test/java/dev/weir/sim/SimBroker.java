// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.lifecycle.core.BrokerLifecycle;
import dev.weir.broker.lifecycle.core.LifecycleEffect;
import dev.weir.broker.lifecycle.core.LifecycleEvent;
import dev.weir.broker.lifecycle.core.LifecycleSettings;
import dev.weir.broker.metadata.ProducerIds;
import dev.weir.broker.metadata.ReplicaFollower;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.PartitionPorts;
import dev.weir.broker.partition.ReplicaRequests;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.log.PartitionId;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandOutcome;
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
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// The broker of one life of a node: the real lifecycle core, what follows the metadata, and the
/// partitions.
final class SimBroker {

    private static final int FEED_MS = 80;
    private static final int LIFECYCLE_TICK_MS = 50;
    private static final int CALL_MS = 500;
    private static final int STOP_MS = 800;

    private final Simulation simulation;
    private final Engine engine;
    private final SimNode node;
    private final SimGateway gateway;
    private final NodeStorage storage;
    private final ProducerIds producerIds;
    private final BrokerLifecycle lifecycle;
    private final SimSession session;
    private @Nullable ReplicaFollower follower;
    private ClusterImage newest = ClusterImage.EMPTY;
    private ClusterImage followed = ClusterImage.EMPTY;
    private boolean isStopping;

    SimBroker(Simulation simulation, SimNode node) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.node = node;
        this.gateway = new SimGateway(simulation, node);
        this.storage =
                new NodeStorage(
                        simulation,
                        node,
                        new PartitionPorts(new SimLinks(simulation, node), new Requests()),
                        this::directoryFailed);
        this.producerIds =
                new ProducerIds(gateway, node.id(), node.incarnation(), Duration.ofSeconds(1));
        this.session = new SimSession(simulation, node, gateway);
        this.lifecycle =
                new BrokerLifecycle(
                        new LifecycleSettings(
                                simulation.plan().sessionMs() / 7,
                                CALL_MS,
                                50,
                                300,
                                1_000_000,
                                1_000,
                                8),
                        registration());
    }

    private ControllerCommand.RegisterBroker registration() {
        return new ControllerCommand.RegisterBroker(
                node.id(),
                node.incarnation(),
                0,
                new Endpoint("node" + node.id(), 9092),
                new Endpoint("node" + node.id(), 9402),
                Optional.empty(),
                List.of(storage.directoryId()),
                1,
                1,
                storage.isSameBoot(),
                storage.isUnproven() ? List.of(storage.directoryId()) : List.of());
    }

    private void directoryFailed() {
        on(new LifecycleEvent.DirectoryFailed(storage.directoryId()));
    }

    NodeStorage storage() {
        return storage;
    }

    ProducerIds producerIds() {
        return producerIds;
    }

    SimSession session() {
        return session;
    }

    /// The image that the replicas follow.
    ClusterImage followed() {
        return followed;
    }

    boolean serves() {
        return follower != null && !isStopping;
    }

    void start() {
        step(new LifecycleEvent.Started());
        engine.on(node, LIFECYCLE_TICK_MS, "lifecycle", this::tick);
        if (node.voter() == null) {
            engine.on(node, engine.below(FEED_MS), "feed", this::askImage);
        }
    }

    // ------------------------------------------------------------------ lifecycle

    private void tick() {
        engine.on(node, LIFECYCLE_TICK_MS, "lifecycle", this::tick);
        step(new LifecycleEvent.Tick());
    }

    private void on(LifecycleEvent event) {
        engine.on(node, engine.below(3), "membership", () -> step(event));
    }

    private void step(LifecycleEvent event) {
        for (var effect : lifecycle.on(event, node.monotonicMs())) {
            switch (effect) {
                case LifecycleEffect.Call call -> call(call);
                case LifecycleEffect.Follow(var offset) -> registered(offset);
                case LifecycleEffect.OpenSession _ -> session.open();
                case LifecycleEffect.Beat _ -> session.beat(followed.offset());
                case LifecycleEffect.ReadLogEnds(var wanted) -> readLogEnds(wanted);
                case LifecycleEffect.AnswerIsr(var partition, var number, var outcome) ->
                        answerIsr(partition, number, outcome);
                case LifecycleEffect.LivenessChanged(var isLive) ->
                        engine.trace("node " + node.id() + (isLive ? " is live" : " is fenced"));
                case LifecycleEffect.Waiting _ -> {}
                case LifecycleEffect.LeadersMoved _ -> drain();
                case LifecycleEffect.Expelled(var reason) ->
                        simulation.checker().fail("R", "node " + node.id() + ": " + reason);
            }
        }
    }

    private void call(LifecycleEffect.Call call) {
        gateway.submit(call.command(), Duration.ofMillis(call.timeoutMs()))
                .thenAccept(
                        outcome ->
                                on(new LifecycleEvent.Answered(call.callId(), outcome(outcome))));
    }

    private static CommandOutcome outcome(GatewayOutcome outcome) {
        return switch (outcome) {
            case GatewayOutcome.Committed(var result, var offset) ->
                    new CommandOutcome.Committed(result, offset);
            case GatewayOutcome.Refused(var refusal, var offset) ->
                    new CommandOutcome.Refused(refusal, offset);
            case GatewayOutcome.NotController _ -> new CommandOutcome.NotController();
            case GatewayOutcome.Unknown _ -> new CommandOutcome.Unknown();
        };
    }

    private void readLogEnds(SortedSet<TopicPartition> wanted) {
        var ends = new TreeMap<TopicPartition, ControllerCommand.LogEnd>();
        for (var one : wanted) {
            storage.local(new PartitionId(one.topicId(), one.partition()))
                    .ifPresent(
                            local ->
                                    ends.put(
                                            one,
                                            new ControllerCommand.LogEnd(
                                                    local.log().latestEpoch(),
                                                    local.log().logEndOffset())));
        }
        on(new LifecycleEvent.LogEnds(ends));
    }

    /// Now and then twice.
    private void answerIsr(TopicPartition partition, long number, IsrOutcome outcome) {
        if (engine.isTracing()) {
            engine.trace(node.id() + " hears " + number + " " + outcome);
        }
        var isTwice = simulation.net().isFaulty() && engine.chance(50);
        storage.local(new PartitionId(partition.topicId(), partition.partition()))
                .ifPresent(
                        local -> {
                            local.isrAnswered(number, outcome);
                            if (isTwice) {
                                local.isrAnswered(number, outcome);
                            }
                        });
    }

    /// What partitions want of the controller, on its way to the lifecycle's thread.
    private final class Requests implements ReplicaRequests {

        @Override
        public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
            if (engine.isTracing()) {
                engine.trace(node.id() + " p" + partition.partition() + " " + proposal);
            }
            on(new LifecycleEvent.IsrProposed(named(partition), proposal));
        }

        @Override
        public void confirmFsync(PartitionId partition, ReplicaEffect.ConfirmFsync confirmation) {
            on(new LifecycleEvent.FsyncCovered(named(partition), confirmation));
        }

        private TopicPartition named(PartitionId partition) {
            return new TopicPartition(partition.topicId(), partition.partition());
        }
    }

    // ------------------------------------------------------------------ metadata

    private void registered(long offset) {
        storage.registered();
        engine.trace("node " + node.id() + " registered at " + offset);
        follower = new ReplicaFollower(node.id(), Map.of(), storage, offset, this::followed);
        follow();
    }

    private void followed(ClusterImage image) {
        followed = image;
        on(new LifecycleEvent.ImageFollowed(image));
    }

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
        var request = Net.Parcel.of(from, "feed request", () -> giveImage(from));
        simulation.net().datagram(node.id(), from.id(), Net.LANE_CONTROL, request);
    }

    private void giveImage(SimNode from) {
        var voter = from.voter();
        if (voter == null || voter.image().offset() <= newest.offset()) {
            return;
        }
        var image = voter.image();
        var answer =
                Net.Parcel.of(
                        node,
                        "image",
                        () -> {
                            if (node.broker() == this) {
                                onImage(image);
                            }
                        });
        simulation.net().datagram(from.id(), node.id(), Net.LANE_CONTROL, answer);
    }

    // ------------------------------------------------------------------ controlled shutdown

    /// Stops in order: leaders move, what waits is answered, everything is flushed, the process
    /// ends and a new one starts.
    void shutDown() {
        step(new LifecycleEvent.StopWanted(STOP_MS));
    }

    private void drain() {
        isStopping = true;
        storage.partitions().forEach(LocalPartition::drain);
        engine.on(node, 100 + engine.below(400), "close", this::close);
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
        session.close();
        node.exit();
        engine.at(100 + engine.below(1_000), "start", node::start);
    }
}
