// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.PartitionState;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// Chooses replicas for new partitions: racks apart where there are enough, load even.
///
/// The broker with the fewest leaderships is the first replica, which leads; the others are those
/// with the fewest replicas; ties go to the lower id. A rack is used again only when all others
/// have a replica.
///
/// Lives for one decision. Deterministic: counts come from the image, ties are broken by id.
final class ReplicaPlacement {

    private final List<BrokerState> brokers;
    private final TreeMap<Integer, Integer> replicas = new TreeMap<>();
    private final TreeMap<Integer, Integer> leaderships = new TreeMap<>();
    private final TreeMap<UUID, Integer> directoryReplicas = new TreeMap<>();

    ReplicaPlacement(ClusterImage image, List<BrokerState> placeable) {
        brokers = placeable;
        for (var topic : image.topics().all()) {
            topic.partitions().forEach(this::count);
        }
    }

    /// A new partition's first state.
    ///
    /// @param replicationFactor at most the placeable brokers
    PartitionState place(int replicationFactor) {
        if (replicationFactor > brokers.size()) {
            throw new IllegalStateException(
                    replicationFactor + " replicas on " + brokers.size() + " brokers");
        }
        var candidates = new ArrayList<>(brokers);
        candidates.sort(
                Comparator.comparingInt((BrokerState b) -> count(leaderships, b.nodeId()))
                        .thenComparingInt(b -> count(replicas, b.nodeId()))
                        .thenComparingInt(BrokerState::nodeId));
        var leader = candidates.removeFirst();
        var chosen = new ArrayList<>(List.of(leader));
        var racks = new TreeSet<>(List.of(rackOf(leader)));
        candidates.sort(
                Comparator.comparingInt((BrokerState b) -> count(replicas, b.nodeId()))
                        .thenComparingInt(b -> count(leaderships, b.nodeId()))
                        .thenComparingInt(BrokerState::nodeId));
        while (chosen.size() < replicationFactor) {
            var next =
                    candidates.stream()
                            .filter(broker -> !racks.contains(rackOf(broker)))
                            .findFirst();
            if (next.isEmpty()) {
                racks.clear();
                continue;
            }
            racks.add(rackOf(next.get()));
            candidates.remove(next.get());
            chosen.add(next.get());
        }
        var nodes = chosen.stream().map(BrokerState::nodeId).toList();
        var directories = chosen.stream().map(this::emptiestDirectory).toList();
        var state =
                new PartitionState(
                        nodes,
                        directories,
                        nodes,
                        List.of(),
                        List.of(),
                        OptionalInt.of(nodes.getFirst()),
                        0,
                        0,
                        false);
        count(state);
        return state;
    }

    /// Replicas on the fullest broker, with what was placed here.
    int mostReplicas() {
        return brokers.stream().mapToInt(b -> count(replicas, b.nodeId())).max().orElse(0);
    }

    /// The broker's working directory with the fewest replicas; the main one if none works.
    UUID emptiestDirectory(BrokerState broker) {
        return broker.registration().directories().stream()
                .filter(directory -> !broker.failedDirectories().contains(directory))
                .min(Comparator.comparingInt(directory -> count(directoryReplicas, directory)))
                .orElse(broker.registration().directories().getFirst());
    }

    /// Counts one more partition.
    void count(PartitionState partition) {
        partition.replicas().forEach(node -> replicas.merge(node, 1, Integer::sum));
        partition.directories().forEach(d -> directoryReplicas.merge(d, 1, Integer::sum));
        leaderships.merge(partition.replicas().getFirst(), 1, Integer::sum);
    }

    /// A broker without a rack is a failure domain of its own.
    private static String rackOf(BrokerState broker) {
        return broker.registration()
                .rack()
                .map(rack -> "rack " + rack)
                .orElseGet(() -> "node " + broker.nodeId());
    }

    private static <K> int count(Map<K, Integer> counts, K key) {
        return counts.getOrDefault(key, 0);
    }
}
