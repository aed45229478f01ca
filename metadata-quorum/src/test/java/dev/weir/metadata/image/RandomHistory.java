// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.BrokerRemoved;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.ConfigRemoved;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.ProducerIdsAllocated;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicDeleted;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.UUID;

/// A log of valid batches, activations and stale batches, drawn from a seed.
final class RandomHistory {

    record Entry(long term, long index, MetadataBatch batch) {}

    private final SplittableRandom random;
    private ClusterImage image = ClusterImage.EMPTY;
    private long index;
    private long term = 1;
    private int names;

    RandomHistory(long seed) {
        random = new SplittableRandom(seed);
    }

    ClusterImage current() {
        return image;
    }

    ClusterImage image(int entries) {
        for (var i = 0; i < entries; i++) {
            next();
        }
        return image;
    }

    Entry next() {
        index += 1 + random.nextInt(3);
        var entry = new Entry(term, index, batch());
        if (image.apply(entry.batch(), entry.term(), entry.index()) instanceof Applied(var i, _)) {
            image = i;
        }
        return entry;
    }

    private MetadataBatch batch() {
        var activation = image.activation();
        if (activation.activationId() == 0 || random.nextInt(12) == 0) {
            term += random.nextInt(2);
            return MetadataBatch.activation(term, activation.activationId() + 1);
        }
        var stale = random.nextInt(10) == 0 ? 1 : 0;
        term = Math.max(term, activation.term());
        var records = new ArrayList<MetadataRecord>();
        var built = image;
        for (var i = 0; i <= random.nextInt(4); i++) {
            var more = records(built);
            built = built.with(more);
            records.addAll(more);
        }
        return new MetadataBatch(
                activation.activationId(), activation.lastSeq() + 1 + stale, records);
    }

    private List<MetadataRecord> records(ClusterImage on) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> createTopic();
            case 2 -> changePartition(on).orElseGet(this::createTopic);
            case 3 -> changeTopic(on).orElseGet(this::createTopic);
            case 4 -> List.of(registration(on));
            case 5 -> changeBroker(on).orElseGet(() -> List.of(registration(on)));
            case 6 -> List.of(new ConfigSet(scope(), "k" + random.nextInt(3), "v" + names++));
            default ->
                    List.of(new ProducerIdsAllocated(on.nextProducerId(), 1 + random.nextInt(9)));
        };
    }

    private ConfigScope scope() {
        return random.nextBoolean() ? new ConfigScope.Cluster() : new ConfigScope.Broker(2);
    }

    private List<MetadataRecord> createTopic() {
        var topicId = new UUID(random.nextLong(), random.nextLong());
        var records = new ArrayList<MetadataRecord>();
        records.add(new TopicCreated(topicId, "topic" + names++));
        for (var partition = 0; partition <= random.nextInt(3); partition++) {
            records.add(new PartitionCreated(topicId, partition, state()));
        }
        records.add(new ConfigSet(new ConfigScope.Topic(topicId), "k", "v"));
        return records;
    }

    private PartitionState state() {
        return new PartitionState(
                List.of(1, 2, 3),
                List.of(new UUID(1, 1), new UUID(1, 2), new UUID(1, 3)),
                List.of(1, 2, 3),
                List.of(),
                List.of(),
                OptionalInt.of(1),
                0,
                0,
                random.nextBoolean());
    }

    private Optional<TopicImage> someTopic(ClusterImage on) {
        var topics = List.copyOf(on.topics().all());
        return topics.isEmpty()
                ? Optional.empty()
                : Optional.of(topics.get(random.nextInt(topics.size())));
    }

    private Optional<List<MetadataRecord>> changePartition(ClusterImage on) {
        return someTopic(on)
                .map(
                        topic -> {
                            var state = topic.partitions().getFirst();
                            return List.of(
                                    new PartitionChanged(
                                            topic.topicId(),
                                            0,
                                            OptionalInt.of(2),
                                            state.leaderEpoch() + 1,
                                            state.partitionEpoch() + 1,
                                            List.of(2),
                                            List.of(1),
                                            List.of(3),
                                            false));
                        });
    }

    private Optional<List<MetadataRecord>> changeTopic(ClusterImage on) {
        return someTopic(on)
                .map(
                        topic ->
                                random.nextBoolean()
                                        ? List.of(new TopicDeleted(topic.topicId()))
                                        : List.of(
                                                new ConfigRemoved(
                                                        new ConfigScope.Topic(topic.topicId()),
                                                        "k")));
    }

    private MetadataRecord registration(ClusterImage on) {
        return new BrokerRegistered(
                new BrokerRegistration(
                        1 + random.nextInt(3),
                        new UUID(random.nextLong(), random.nextLong()),
                        on.brokers().lastRegistrationNumber() + 1,
                        new Endpoint("h", 1),
                        new Endpoint("h", 2),
                        random.nextBoolean() ? Optional.of("r") : Optional.empty(),
                        List.of(new UUID(1, 1), new UUID(1, 2)),
                        1,
                        1));
    }

    private Optional<List<MetadataRecord>> changeBroker(ClusterImage on) {
        var brokers = List.copyOf(on.brokers().all());
        if (brokers.isEmpty()) {
            return Optional.empty();
        }
        var broker = brokers.get(random.nextInt(brokers.size()));
        var number = broker.registration().registrationNumber();
        MetadataRecord record =
                switch (random.nextInt(5)) {
                    case 0 -> new BrokerFenced(broker.nodeId(), number);
                    case 1 -> new BrokerUnfenced(broker.nodeId(), number);
                    case 2 -> new BrokerShutdownStarted(broker.nodeId(), number);
                    case 3 -> new DirectoryFailed(broker.nodeId(), new UUID(1, 2));
                    default -> new BrokerRemoved(broker.nodeId(), number);
                };
        return Optional.of(List.of(record));
    }
}
