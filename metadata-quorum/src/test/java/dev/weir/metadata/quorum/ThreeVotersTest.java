// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.history.ImageAt;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/// Three voters in one process: elections, failover, and a voter that needs a snapshot.
class ThreeVotersTest {

    private static final int VOTERS = 3;
    private static final QuorumConfig.Tuning TUNING =
            QuorumConfigs.tuning(400, new QuorumConfig.Snapshots(20, 1, 3_600_000, 4 << 10));

    @TempDir private Path temporary;
    private VoterCluster cluster;

    @BeforeEach
    void startsThree() {
        cluster = new VoterCluster(temporary, TUNING).startAll(VOTERS);
    }

    @AfterEach
    void closesAndSawNoHalt() {
        cluster.close();
    }

    @Test
    void goesOnWithAnotherLeaderAndBringsTheFirstOneUpToDateBySnapshot() {
        var first = cluster.leader();
        cluster.alter("1");
        Await.until(
                "everywhere",
                () ->
                        cluster.running().values().stream()
                                .allMatch(n -> VoterCluster.shows(n, "1")));
        assertThat(first.quorum().status().voters()).hasSize(VOTERS);

        var firstId = first.quorum().identity().nodeId();
        cluster.stop(firstId);
        var second = cluster.leader();
        for (var i = 2; i <= 150; i++) {
            cluster.alter(Integer.toString(i));
        }
        var behind = cluster.start(firstId);

        Await.until("caught up", () -> VoterCluster.shows(behind, "150"));
        assertThat(behind.quorum().image()).isEqualTo(second.quorum().image());
        assertThat(behind.quorum().history().earliestOffset()).isPositive();
        var newest = behind.quorum().image();
        assertThat(behind.quorum().history().imageAt(newest.offset()))
                .isEqualTo(new ImageAt.Found(newest));
    }

    @Test
    void comesBackInWhateverOrderItsVotersStart() {
        cluster.alter("1");
        for (var order : new int[][] {{3, 1, 2}, {2, 3, 1}}) {
            for (var nodeId = 1; nodeId <= VOTERS; nodeId++) {
                cluster.stop(nodeId);
            }
            for (var nodeId : order) {
                cluster.start(nodeId);
            }
            cluster.alter(Integer.toString(order[0]));
        }

        Await.until(
                "everywhere",
                () ->
                        cluster.running().values().stream()
                                .allMatch(n -> VoterCluster.shows(n, "2")));
    }

    @Test
    void handsLeadershipToAnotherVoter() {
        var first = cluster.leader();

        // It says when nobody took it in time.
        Await.until("another one takes it", first.quorum()::transferLeadership);

        assertThat(cluster.leader()).isNotSameAs(first);
        cluster.alter("1");
    }
}
