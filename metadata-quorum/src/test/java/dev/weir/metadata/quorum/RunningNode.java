// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.GatewayOutcome.Committed;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.Endpoint;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A node of a quorum with a broker that registers and sends heartbeats, all in this process.
final class RunningNode implements AutoCloseable {

    static final int NODE = 1;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final MetadataQuorum quorum;
    private final RecordedHalts halts;
    private final UUID incarnation = UUID.randomUUID();
    private final ScheduledExecutorService heartbeats =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private BrokerSession session;

    private RunningNode(MetadataQuorum quorum, RecordedHalts halts) {
        this.quorum = quorum;
        this.halts = halts;
    }

    static QuorumConfig config(Path directory) {
        return QuorumConfigs.alone(directory, NODE);
    }

    /// Starts a node and waits until its controller decides.
    static RunningNode start(QuorumConfig config) {
        var node = startWithoutController(config);
        Await.until("active", () -> node.quorum.status().isActiveController());
        return node;
    }

    static RunningNode startWithoutController(QuorumConfig config) {
        var halts = new RecordedHalts();
        return new RunningNode(MetadataQuorum.start(config, ConfigKeys::problem, halts), halts);
    }

    MetadataQuorum quorum() {
        return quorum;
    }

    List<String> halts() {
        return halts.reasons();
    }

    /// Registers a broker, whose heartbeats go on until the node closes, and waits until it may
    /// lead.
    RunningNode withBroker() {
        var nodeId = quorum.identity().nodeId();
        var asked = committed(new ControllerCommand.AskRegistration(nodeId));
        var current = (CommandResult.CurrentRegistration) asked.result();
        var registered =
                committed(
                        new ControllerCommand.RegisterBroker(
                                nodeId,
                                incarnation,
                                current.registrationNumber(),
                                new Endpoint("127.0.0.1", 9),
                                new Endpoint("127.0.0.1", 9),
                                Optional.empty(),
                                List.of(quorum.identity().directoryId()),
                                1,
                                1,
                                true,
                                List.of()));
        session = quorum.gateway().openSession(nodeId, incarnation);
        heartbeats.scheduleWithFixedDelay(
                () -> session.heartbeat(quorum.image().offset(), 0), 0, 100, TimeUnit.MILLISECONDS);
        Await.get(quorum.imageAtLeast(registered.metadataOffset()));
        Await.until(
                "unfenced",
                () ->
                        quorum.image().brokers().broker(nodeId).stream()
                                .anyMatch(broker -> !broker.isFenced()));
        return this;
    }

    BrokerSession session() {
        return session;
    }

    void stopHeartbeats() {
        heartbeats.shutdownNow();
    }

    /// @return the metadata offset at which the topic exists
    long createTopic(String name) {
        return committed(createTopicCommand(name, 1)).metadataOffset();
    }

    static ControllerCommand createTopicCommand(String name, int partitions) {
        return new ControllerCommand.CreateTopic(
                UUID.randomUUID(),
                name,
                OptionalInt.of(partitions),
                OptionalInt.of(1),
                new TreeMap<>(),
                false,
                false);
    }

    GatewayOutcome submit(ControllerCommand command) {
        return Await.get(quorum.gateway().submit(command, TIMEOUT));
    }

    Committed committed(ControllerCommand command) {
        return switch (submit(command)) {
            case Committed committed -> committed;
            case GatewayOutcome.Refused refused -> throw new AssertionError(refused);
            case GatewayOutcome.NotController not -> throw new AssertionError(not);
            case GatewayOutcome.Unknown unknown -> throw new AssertionError(unknown);
        };
    }

    List<String> topics() {
        return quorum.image().topics().all().stream().map(topic -> topic.name()).sorted().toList();
    }

    @Override
    public void close() {
        heartbeats.shutdownNow();
        quorum.close();
    }
}
