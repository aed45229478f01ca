// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.TOPIC;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.context;
import static dev.weir.metadata.controller.core.Brokers.live;
import static dev.weir.metadata.controller.core.Brokers.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.TopicCreated;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

class LeaderBalanceTest {

    private static final long INTERVAL_MS = 300_000;

    private final LeaderBalance balance = new LeaderBalance();

    @Test
    void givesPartitionsBackToTheirFirstReplicaOnceAnInterval() {
        var image = partitions(3, 2);
        balance.start(0);

        assertThat(balance.tick(allLive(image), INTERVAL_MS - 1)).isEmpty();
        var moves = balance.tick(allLive(image), INTERVAL_MS);

        assertThat(moves).hasSize(2).allSatisfy(move -> assertThat(leader(move)).isEqualTo(1));
        assertThat(balance.tick(allLive(image), INTERVAL_MS + 1)).isEmpty();
        assertThat(balance.tick(allLive(image.with(moves)), 2 * INTERVAL_MS)).isEmpty();
    }

    @Test
    void leavesASmallShareElsewhere() {
        assertThat(balance.tick(allLive(partitions(10, 1)), INTERVAL_MS)).isEmpty();
        assertThat(balance.tick(allLive(partitions(9, 1)), 2 * INTERVAL_MS)).hasSize(1);
    }

    @Test
    void movesNothingToANodeThatIsAwayStuckOrDrained() {
        var image = partitions(1, 1);

        assertThat(balance.tick(context(image, 2), INTERVAL_MS)).isEmpty();
        var stuck =
                new DecisionContext(
                        image,
                        allLive(image).streams(),
                        new TreeSet<>(List.of(1)),
                        new LogEnds(),
                        new OfflineReplicas(),
                        ControllerSettings.DEFAULT,
                        allLive(image).configRules());
        assertThat(balance.tick(stuck, 2 * INTERVAL_MS)).isEmpty();
        var drained =
                image.with(
                        List.of(new ConfigSet(new ConfigScope.Broker(1), "leader.drain", "true")));
        assertThat(balance.tick(allLive(drained), 3 * INTERVAL_MS)).isEmpty();
        assertThat(balance.tick(allLive(image), 4 * INTERVAL_MS)).hasSize(1);
    }

    @Test
    void takesIntervalAndShareFromTheClustersConfiguration() {
        var scope = new ConfigScope.Cluster();
        var image =
                partitions(2, 1)
                        .with(
                                List.of(
                                        new ConfigSet(
                                                scope,
                                                "leader.imbalance.check.interval.seconds",
                                                "1"),
                                        new ConfigSet(
                                                scope,
                                                "leader.imbalance.per.broker.percentage",
                                                "50")));

        assertThat(balance.tick(allLive(image), 1_000)).isEmpty();
        var narrower =
                image.with(
                        List.of(
                                new ConfigSet(
                                        scope, "leader.imbalance.per.broker.percentage", "49")));
        assertThat(balance.tick(allLive(narrower), 1_999)).isEmpty();
        assertThat(balance.tick(allLive(narrower), 2_000)).hasSize(1);
    }

    @Test
    void movesManyPartitionsInBatchesThatFit() {
        var count = Upkeep.RECORDS_MAX + 1;
        var image = partitions(count, count);

        var first = balance.tick(allLive(image), INTERVAL_MS);
        var second = balance.tick(allLive(image.with(first)), INTERVAL_MS + 100);

        assertThat(first).hasSize(Upkeep.RECORDS_MAX);
        // One is less than the share that may stay where it is.
        assertThat(second).isEmpty();
    }

    @Test
    void aDrainedNodeLosesItsLeadershipsToMembersThatMayLead() {
        var image = partitions(1, 0);
        var drained =
                image.with(
                        List.of(new ConfigSet(new ConfigScope.Broker(1), "leader.drain", "true")));

        var moves = Upkeep.repairs(allLive(drained), 10);

        assertThat(moves).singleElement().satisfies(move -> assertThat(leader(move)).isEqualTo(2));
        assertThat(Upkeep.repairs(context(drained, 1), 10)).isEmpty();
    }

    /// Partitions with replicas 1, 2, 3; node 2 leads the first `elsewhere`, node 1 the others.
    private static ClusterImage partitions(int count, int elsewhere) {
        var records = new ArrayList<MetadataRecord>();
        records.add(new TopicCreated(TOPIC, "orders"));
        for (var i = 0; i < count; i++) {
            records.add(
                    new PartitionCreated(
                            TOPIC,
                            i,
                            partition(
                                    3,
                                    List.of(1, 2, 3),
                                    List.of(),
                                    List.of(),
                                    OptionalInt.of(i < elsewhere ? 2 : 1))));
        }
        return live(3).with(records);
    }

    private static int leader(MetadataRecord move) {
        return ((PartitionChanged) move).leader().orElseThrow();
    }
}
