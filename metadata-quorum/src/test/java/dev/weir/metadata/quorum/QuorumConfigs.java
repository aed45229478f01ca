// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.controller.core.ControllerSettings;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Configurations as servers have them, but for what a test is about. No disk is too full for them.
final class QuorumConfigs {

    private static final int ELECTION_TIMEOUT_MS = 800;
    private static final QuorumConfig.History HISTORY =
            new QuorumConfig.History(24 * 3_600_000L, 256L << 20);

    private QuorumConfigs() {}

    /// A quorum of one on any loopback port.
    static QuorumConfig alone(Path directory, int nodeId) {
        return alone(directory, nodeId, 0, new SimpleMeterRegistry());
    }

    /// A quorum of one on a loopback port.
    ///
    /// @param port 0 for any free one
    static QuorumConfig alone(Path directory, int nodeId, int port, MeterRegistry meters) {
        return new QuorumConfig(
                directory,
                nodeId,
                null,
                new QuorumConfig.Listener("127.0.0.1", port),
                List.of(),
                tuning(QuorumConfig.Snapshots.DEFAULT),
                meters);
    }

    static QuorumConfig.Tuning tuning(QuorumConfig.Snapshots snapshots) {
        return tuning(ELECTION_TIMEOUT_MS, snapshots);
    }

    static QuorumConfig.Tuning tuning(int electionTimeoutMs, QuorumConfig.Snapshots snapshots) {
        return new QuorumConfig.Tuning(
                electionTimeoutMs, snapshots, HISTORY, 0, ControllerSettings.DEFAULT);
    }

    static QuorumConfig.Tuning tuning(ControllerSettings controller) {
        return new QuorumConfig.Tuning(
                ELECTION_TIMEOUT_MS, QuorumConfig.Snapshots.DEFAULT, HISTORY, 0, controller);
    }

    /// The same with another tuning.
    static QuorumConfig with(QuorumConfig.Tuning tuning, QuorumConfig config) {
        return new QuorumConfig(
                config.directory(),
                config.nodeId(),
                config.clusterId(),
                config.listener(),
                config.voters(),
                tuning,
                config.meters());
    }

    /// The same with other voters.
    static QuorumConfig with(List<QuorumConfig.Voter> voters, QuorumConfig config) {
        return new QuorumConfig(
                config.directory(),
                config.nodeId(),
                config.clusterId(),
                config.listener(),
                voters,
                config.tuning(),
                config.meters());
    }

    /// The same for a node that knows its cluster.
    static QuorumConfig with(UUID clusterId, QuorumConfig config) {
        return new QuorumConfig(
                config.directory(),
                config.nodeId(),
                clusterId,
                config.listener(),
                config.voters(),
                config.tuning(),
                config.meters());
    }
}
