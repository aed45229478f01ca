// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

/// Images and contexts for tests of decisions: brokers 1 to n, live unless a test says otherwise.
final class Brokers {

    static final UUID TOPIC = new UUID(1, 1);
    static final TopicPartition P0 = new TopicPartition(TOPIC, 0);

    private Brokers() {}

    static UUID incarnation(int nodeId) {
        return new UUID(100, nodeId);
    }

    static UUID directory(int nodeId) {
        return new UUID(200, nodeId);
    }

    /// Live brokers 1 to `count`, registered with the numbers 1 to `count`.
    static ClusterImage live(int count) {
        return live(count, _ -> Optional.empty());
    }

    interface Racks {
        Optional<String> of(int nodeId);
    }

    static ClusterImage live(int count, Racks racks) {
        var records = new ArrayList<MetadataRecord>();
        records.add(new FeatureLevelSet(FeatureLevelSet.WEIR_VERSION, 1));
        for (var nodeId = 1; nodeId <= count; nodeId++) {
            records.add(new BrokerRegistered(registration(nodeId, nodeId, racks.of(nodeId))));
            records.add(new BrokerUnfenced(nodeId, nodeId));
        }
        return ClusterImage.EMPTY.with(records);
    }

    static BrokerRegistration registration(int nodeId, long number, Optional<String> rack) {
        return new BrokerRegistration(
                nodeId,
                incarnation(nodeId),
                number,
                new Endpoint("node" + nodeId, 9400),
                new Endpoint("node" + nodeId, 9402),
                rack,
                List.of(directory(nodeId)),
                1,
                1);
    }

    /// `image` with one topic of one partition in `state`.
    static ClusterImage withPartition(ClusterImage image, PartitionState state) {
        return image.with(
                List.of(new TopicCreated(TOPIC, "orders"), new PartitionCreated(TOPIC, 0, state)));
    }

    /// Replicas 1 to n; ISR and ELR as given; the first ISR member leads at epoch 5.
    static PartitionState partition(int replicas, List<Integer> isr, List<Integer> elr) {
        return partition(
                replicas,
                isr,
                elr,
                List.of(),
                isr.isEmpty() ? OptionalInt.empty() : OptionalInt.of(isr.getFirst()));
    }

    static PartitionState partition(
            int replicas,
            List<Integer> isr,
            List<Integer> elr,
            List<Integer> recovering,
            OptionalInt leader) {
        var nodes = IntStream.rangeClosed(1, replicas).boxed().toList();
        return new PartitionState(
                nodes,
                nodes.stream().map(Brokers::directory).toList(),
                isr,
                elr,
                recovering,
                leader,
                5,
                8,
                false);
    }

    /// Streams up for exactly `streams`.
    static DecisionContext context(ClusterImage image, Integer... streams) {
        return new DecisionContext(
                image,
                new TreeSet<>(List.of(streams)),
                new TreeSet<>(),
                new LogEnds(),
                new OfflineReplicas(),
                ControllerSettings.DEFAULT,
                ConfigKeys::problem);
    }

    /// Streams up for every unfenced broker.
    static DecisionContext allLive(ClusterImage image) {
        var streams =
                image.brokers().all().stream().filter(b -> !b.isFenced()).map(b -> b.nodeId());
        return context(image, streams.toArray(Integer[]::new));
    }

    static ControllerCommand.CreateTopic createTopic(String name, int partitions, int rf) {
        return new ControllerCommand.CreateTopic(
                new UUID(name.hashCode(), partitions),
                name,
                OptionalInt.of(partitions),
                OptionalInt.of(rf),
                new TreeMap<>(),
                false,
                false);
    }

    static ControllerCommand.RegisterBroker register(
            int nodeId, UUID incarnation, long replaces, boolean isSameBoot, UUID... directories) {
        return new ControllerCommand.RegisterBroker(
                nodeId,
                incarnation,
                replaces,
                new Endpoint("node" + nodeId, 9400),
                new Endpoint("node" + nodeId, 9402),
                Optional.empty(),
                List.of(directories),
                1,
                1,
                isSameBoot,
                List.of());
    }

    static Decision.Accept accepted(Decision decision) {
        return switch (decision) {
            case Decision.Accept accept -> accept;
            case Decision.Refuse(var refusal) -> throw new AssertionError("refused: " + refusal);
        };
    }

    static Refusal.Code refused(Decision decision) {
        return switch (decision) {
            case Decision.Accept accept -> throw new AssertionError("accepted: " + accept);
            case Decision.Refuse(var refusal) -> refusal.code();
        };
    }

    static PartitionState p0(ClusterImage image) {
        return image.topics().partition(P0).orElseThrow();
    }
}
