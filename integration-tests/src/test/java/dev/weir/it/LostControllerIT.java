// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A controller whose process ends is followed at once: its broken connection is the sign.
class LostControllerIT {

    /// Far above what the test waits: no timer can do it.
    private static final long TIMER_MS = 60_000;

    private static final Duration WAIT = Duration.ofSeconds(30);

    @Test
    void anotherOneIsActiveBeforeAnyTimerEnds(@TempDir Path directory) {
        try (var cluster = Cluster.start(directory, 3, withLongTimers());
                var client = cluster.connect()) {
            var lost = cluster.controller(client);

            cluster.node(lost).kill();

            Await.until(
                    "another controller",
                    WAIT,
                    () -> {
                        var now = client.admin().describeCluster().controllerId();
                        return now.isPresent() && now.getAsInt() != lost;
                    });
            cluster.awaitServing(client);
            assertThat(client.admin().describeQuorum().voters()).hasSize(3);
        }
    }

    private static Cluster.Place withLongTimers() {
        return new Cluster.Place() {
            @Override
            public String host(int node) {
                return Cluster.HERE.host(node);
            }

            @Override
            public List<String> prefix(int node) {
                return Cluster.HERE.prefix(node);
            }

            @Override
            public String lines(int node) {
                return "quorum.election.timeout.ms=" + TIMER_MS;
            }
        };
    }
}
