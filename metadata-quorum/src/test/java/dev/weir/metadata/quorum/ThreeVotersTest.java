// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerCommand.ConfigTarget;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.record.ConfigScope;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/// Three voters in one process: elections, failover, and a voter that needs a snapshot.
class ThreeVotersTest {

    private static final int VOTERS = 3;
    private static final QuorumConfig.Tuning TUNING =
            QuorumConfig.Tuning.DEFAULT
                    .withDiskFreeMinBytes(0)
                    .withSnapshots(new QuorumConfig.Snapshots(20, 1, 3_600_000, 4 << 10));

    @TempDir private Path temporary;

    private final List<QuorumConfig> configs = new ArrayList<>();
    private final Map<Integer, RunningNode> running = new TreeMap<>();

    @BeforeEach
    void startsThree() {
        var clusterId = UUID.randomUUID();
        var voters = new ArrayList<QuorumConfig.Voter>();
        for (var nodeId = 1; nodeId <= VOTERS; nodeId++) {
            var identity = MetadataQuorum.format(directory(nodeId), clusterId, nodeId);
            voters.add(
                    new QuorumConfig.Voter(
                            nodeId, identity.directoryId(), "127.0.0.1", freePort()));
        }
        for (var voter : voters) {
            configs.add(
                    QuorumConfig.alone(
                                    directory(voter.nodeId()),
                                    voter.nodeId(),
                                    voter.port(),
                                    new SimpleMeterRegistry())
                            .withVoters(voters)
                            .withTuning(TUNING));
            start(voter.nodeId());
        }
    }

    @AfterEach
    void closesAndSawNoHalt() {
        running.values().parallelStream().forEach(RunningNode::close);
        assertThat(running.values()).allSatisfy(node -> assertThat(node.halts()).isEmpty());
    }

    @Test
    void goesOnWithAnotherLeaderAndBringsTheFirstOneUpToDateBySnapshot() {
        var first = leader();
        alter(first, "1");
        Await.until("everywhere", () -> running.values().stream().allMatch(n -> shows(n, "1")));
        assertThat(first.quorum().status().voters()).hasSize(VOTERS);

        var firstId = first.quorum().identity().nodeId();
        running.remove(firstId).close();
        var second = leader();
        for (var i = 2; i <= 150; i++) {
            alter(second, Integer.toString(i));
        }
        var behind = start(firstId);

        Await.until("caught up", () -> shows(behind, "150"));
        assertThat(behind.quorum().image()).isEqualTo(second.quorum().image());
        assertThat(behind.quorum().history().earliestOffset()).isPositive();
        var newest = behind.quorum().image();
        assertThat(behind.quorum().history().imageAt(newest.offset()))
                .isEqualTo(new ImageAt.Found(newest));
    }

    private RunningNode start(int nodeId) {
        var node = RunningNode.startWithoutController(configs.get(nodeId - 1));
        running.put(nodeId, node);
        return node;
    }

    private RunningNode leader() {
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

    /// Through elections, which leave an outcome unknown: the change may be made twice.
    private void alter(RunningNode preferred, String value) {
        var command =
                new ControllerCommand.AlterConfigs(
                        new ConfigTarget.OfScope(new ConfigScope.Cluster()),
                        new TreeMap<>(Map.of("segment.ms", Optional.of("1000" + value))),
                        false);
        var node = preferred;
        while (!(node.submit(command) instanceof GatewayOutcome.Committed)) {
            node = leader();
        }
    }

    private static boolean shows(RunningNode node, String value) {
        return node.quorum().image().configs().toString().contains("1000" + value);
    }

    private Path directory(int nodeId) {
        return temporary.resolve("node-" + nodeId);
    }

    /// Below the range that the system hands out, so that nobody takes it in the meantime.
    private static int freePort() {
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
}
