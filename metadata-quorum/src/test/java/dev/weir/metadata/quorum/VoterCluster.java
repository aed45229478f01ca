// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerCommand.ConfigTarget;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.QuorumVoter;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/// Voters in this process, each on its own directory and port.
final class VoterCluster implements AutoCloseable {

    private final Path directory;
    private final QuorumConfig.Tuning tuning;
    private final UUID clusterId = UUID.randomUUID();
    private final Map<Integer, QuorumVoter> voters = new TreeMap<>();
    private final Map<Integer, RunningNode> running = new TreeMap<>();
    private final List<QuorumConfig.Voter> configured = new ArrayList<>();

    VoterCluster(Path directory, QuorumConfig.Tuning tuning) {
        this.directory = directory;
        this.tuning = tuning;
    }

    /// Formats nodes 1 to `count`, lists all of them as voters, and starts them.
    VoterCluster startAll(int count) {
        for (var nodeId = 1; nodeId <= count; nodeId++) {
            list(format(nodeId));
        }
        for (var nodeId = 1; nodeId <= count; nodeId++) {
            start(nodeId);
        }
        return this;
    }

    /// Gives a node an empty directory under a new identity; its port stays.
    QuorumVoter format(int nodeId) {
        var identity = MetadataQuorum.format(directory(nodeId), clusterId, nodeId);
        var before = voters.get(nodeId);
        var port = before == null ? freePort() : before.endpoint().port();
        var voter =
                new QuorumVoter(nodeId, identity.directoryId(), new Endpoint("127.0.0.1", port));
        voters.put(nodeId, voter);
        return voter;
    }

    /// Every configuration names it from now on.
    void list(QuorumVoter voter) {
        configured.add(
                new QuorumConfig.Voter(
                        voter.nodeId(),
                        voter.directoryId(),
                        voter.endpoint().host(),
                        voter.endpoint().port()));
    }

    QuorumVoter voter(int nodeId) {
        var voter = voters.get(nodeId);
        assertThat(voter).isNotNull();
        return voter;
    }

    QuorumConfig config(int nodeId) {
        var port = voter(nodeId).endpoint().port();
        var alone = QuorumConfigs.alone(directory(nodeId), nodeId, port, new SimpleMeterRegistry());
        return QuorumConfigs.with(tuning, QuorumConfigs.with(configured, alone));
    }

    RunningNode start(int nodeId) {
        var node = RunningNode.startWithoutController(config(nodeId));
        running.put(nodeId, node);
        return node;
    }

    void stop(int nodeId) {
        var node = running.remove(nodeId);
        if (node != null) {
            node.close();
        }
    }

    /// The node's disk is gone.
    void wipe(int nodeId) throws IOException {
        try (var files = Files.walk(directory(nodeId))) {
            for (var file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    Map<Integer, RunningNode> running() {
        return running;
    }

    /// Waits for one whose controller decides.
    RunningNode leader() {
        var found = new ArrayList<RunningNode>();
        Await.until(
                "a controller decides",
                () ->
                        running.values().stream()
                                .filter(node -> node.quorum().status().isActiveController())
                                .findFirst()
                                .map(found::add)
                                .isPresent());
        return found.getFirst();
    }

    /// Asks whoever leads until one decides; a change may be made twice.
    GatewayOutcome decide(ControllerCommand command) {
        var outcome = leader().submit(command);
        while (outcome instanceof GatewayOutcome.NotController
                || outcome instanceof GatewayOutcome.Unknown) {
            outcome = leader().submit(command);
        }
        return outcome;
    }

    /// Makes a change that [#shows] looks for.
    void alter(String value) {
        var command =
                new ControllerCommand.AlterConfigs(
                        new ConfigTarget.OfScope(new ConfigScope.Cluster()),
                        new TreeMap<>(Map.of("segment.ms", Optional.of("1000" + value))),
                        false);
        assertThat(decide(command)).isInstanceOf(GatewayOutcome.Committed.class);
    }

    static boolean shows(RunningNode node, String value) {
        return node.quorum().image().configs().toString().contains("1000" + value);
    }

    Path directory(int nodeId) {
        return directory.resolve("node-" + nodeId);
    }

    /// Below the range that the system hands out, so that nobody takes it in the meantime.
    static int freePort() {
        var random = new Random();
        while (true) {
            var port = 20_000 + random.nextInt(10_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken; try another.
            }
        }
    }

    @Override
    public void close() {
        running.values().parallelStream().forEach(RunningNode::close);
        assertThat(running.values()).allSatisfy(node -> assertThat(node.halts()).isEmpty());
    }
}
