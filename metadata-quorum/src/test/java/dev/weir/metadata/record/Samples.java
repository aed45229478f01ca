// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// One record of each type, with values that differ from field to field.
public final class Samples {

    public static final UUID TOPIC = new UUID(0x1111, 0x2222);
    public static final UUID DIRECTORY = new UUID(0x3333, 0x4444);
    public static final UUID OTHER_DIRECTORY = new UUID(0x5555, 0x6666);
    public static final UUID INCARNATION = new UUID(0x7777, 0x8888);

    private Samples() {}

    public static PartitionState partition() {
        return new PartitionState(
                List.of(3, 1, 2, 4),
                List.of(DIRECTORY, OTHER_DIRECTORY, DIRECTORY, DIRECTORY),
                List.of(3, 1),
                List.of(2),
                List.of(4),
                OptionalInt.of(3),
                7,
                9,
                true);
    }

    public static BrokerRegistration registration() {
        return new BrokerRegistration(
                5,
                INCARNATION,
                17,
                new Endpoint("client.example", 9400),
                new Endpoint("internal.example", 9402),
                Optional.of("rack-a"),
                List.of(DIRECTORY, OTHER_DIRECTORY),
                1,
                2);
    }

    /// Every record type but [ControllerActivated], which is never in a batch with others.
    public static List<MetadataRecord> records() {
        return List.of(
                new FeatureLevelSet("weir.version", 1),
                new TopicCreated(TOPIC, "orders"),
                new TopicDeleted(TOPIC),
                new PartitionCreated(TOPIC, 0, partition()),
                PartitionChanged.to(TOPIC, 1, partition()),
                new ReplicaDirectoryChanged(TOPIC, 2, 3, DIRECTORY),
                new ConfigSet(new ConfigScope.Cluster(), "segment.ms", "5"),
                new ConfigSet(new ConfigScope.Topic(TOPIC), "segment.ms", ""),
                new ConfigRemoved(new ConfigScope.Broker(4), "segment.ms"),
                new BrokerRegistered(registration()),
                new BrokerFenced(1, 2),
                new BrokerUnfenced(3, 4),
                new BrokerShutdownStarted(5, 6),
                new BrokerRemoved(7, 8),
                new DirectoryFailed(9, DIRECTORY),
                new DirectoryRestored(10, DIRECTORY),
                new ProducerIdsAllocated(11_000, 1_000));
    }
}
