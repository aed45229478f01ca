// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.PartitionState;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

class ReplicaPlacementTest {

    @Test
    void spreadsReplicasAndLeadershipsEvenly() {
        for (var brokers = 1; brokers <= 7; brokers++) {
            for (var rf = 1; rf <= Math.min(3, brokers); rf++) {
                // Given, When
                var placed = place(Brokers.live(brokers), 100, rf);

                // Then
                var replicas = spread(placed, PartitionState::replicas, brokers);
                var leaders = spread(placed, p -> p.replicas().subList(0, 1), brokers);
                assertThat(replicas.getMax() - replicas.getMin())
                        .as("replicas, %d brokers, rf %d", brokers, rf)
                        .isLessThanOrEqualTo(2);
                assertThat(leaders.getMax() - leaders.getMin())
                        .as("leaders, %d brokers, rf %d", brokers, rf)
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void usesEveryRackOnceBeforeOneTwice() {
        // Given: racks of 2, 2 and 1 brokers
        ClusterImage image =
                Brokers.live(5, node -> Optional.of(node <= 2 ? "a" : node <= 4 ? "b" : "c"));

        for (var partition : place(image, 60, 3)) {
            // When
            var racks = new HashSet<String>();
            partition
                    .replicas()
                    .forEach(node -> racks.add(node <= 2 ? "a" : node <= 4 ? "b" : "c"));

            // Then
            assertThat(racks).hasSize(3);
        }
        for (var partition : place(image, 60, 5)) {
            assertThat(partition.replicas()).doesNotHaveDuplicates().hasSize(5);
        }
    }

    @Test
    void fillsABrokerThatIsEmptier() {
        // Given: brokers 1 and 2 hold one partition each, 3 holds none.
        var image =
                Brokers.withPartition(Brokers.live(3), Brokers.partition(2, List.of(1), List.of()));

        // When
        var placed = place(image, 1, 1);

        // Then
        assertThat(placed.getFirst().replicas()).containsExactly(3);
    }

    private static List<PartitionState> place(ClusterImage image, int partitions, int rf) {
        var placement = new ReplicaPlacement(image, Brokers.allLive(image).placeable());
        var placed = new ArrayList<PartitionState>();
        for (var i = 0; i < partitions; i++) {
            placed.add(placement.place(rf));
        }
        return placed;
    }

    private static IntSummaryStatistics spread(
            List<PartitionState> placed,
            Function<PartitionState, List<Integer>> nodes,
            int brokers) {
        var counts = new TreeMap<Integer, Integer>();
        for (var node = 1; node <= brokers; node++) {
            counts.put(node, 0);
        }
        placed.forEach(p -> nodes.apply(p).forEach(node -> counts.merge(node, 1, Integer::sum)));
        return counts.values().stream().mapToInt(Integer::intValue).summaryStatistics();
    }
}
