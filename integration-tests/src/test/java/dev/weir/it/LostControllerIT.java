// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// A controller whose process ends is followed at once: its broken connection is the sign.
class LostControllerIT {

    /// Far above what the test waits: no timer can do it.
    private static final String FAR = "quorum.election.timeout.ms=60000";

    private static final Duration WAIT = Duration.ofSeconds(40);

    @Test
    void anotherOneIsActiveBeforeAnyTimerEnds(@TempDir Path directory) throws IOException {
        try (var cluster = Cluster.start(directory, 3);
                var client = cluster.connect()) {
            // Given followers that would wait for long. They join a leader: a first election with
            // such a timer might take as long.
            var lost = cluster.controller(client);
            for (var node : cluster.nodes()) {
                if (node.id() != lost) {
                    node.terminate();
                    Files.writeString(node.config(), FAR + "\n", StandardOpenOption.APPEND);
                    cluster.restart(node.id());
                }
            }
            assertThat(cluster.controller(client)).isEqualTo(lost);

            // When the controller's process ends
            cluster.node(lost).kill();

            // Then another one takes over
            Await.until(
                    "another controller",
                    WAIT,
                    () -> {
                        var now = client.admin().describeCluster().controllerId();
                        return now.isPresent() && now.getAsInt() != lost;
                    });
            cluster.awaitServing(client);
        }
    }
}
