// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.BrokerRemoved;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.ConfigRemoved;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.ControllerActivated;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.DirectoryRestored;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.ProducerIdsAllocated;
import dev.weir.metadata.record.ReplicaDirectoryChanged;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicDeleted;
import dev.weir.metadata.record.TopicPartition;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// Builds the next image from one and the records that follow it, and notes what they changed.
///
/// Lives for one batch, in one thread. Whatever a record says that cannot be true of the image is a
/// broken invariant: the decision was made on another image, or two replicas differ.
final class RecordReplay {

    private final ClusterImage before;
    private PSortedMap<String, Integer> features;
    private PSortedMap<UUID, TopicImage> topics;
    private PSortedMap<String, UUID> topicNames;
    private int partitionCount;
    private PSortedMap<Integer, BrokerState> brokers;
    private long lastRegistrationNumber;
    private PSortedMap<ConfigScope, PSortedMap<String, String>> configs;
    private long nextProducerId;

    private final TreeSet<UUID> createdTopics = new TreeSet<>();
    private final TreeMap<UUID, String> deletedTopics = new TreeMap<>();
    private final TreeSet<TopicPartition> changedPartitions = new TreeSet<>();
    private final TreeSet<Integer> changedBrokers = new TreeSet<>();
    private final TreeSet<ConfigScope> changedConfigs = new TreeSet<>();

    RecordReplay(ClusterImage before) {
        this.before = before;
        features = before.features();
        topics = before.topics().byId();
        topicNames = before.topics().idByName();
        partitionCount = before.topics().partitionCount();
        brokers = before.brokers().byId();
        lastRegistrationNumber = before.brokers().lastRegistrationNumber();
        configs = before.configs().byScope();
        nextProducerId = before.nextProducerId();
    }

    void replay(MetadataRecord record) {
        switch (record) {
            // The fence has looked at it; the activation is not part of what is replayed.
            case ControllerActivated _ -> {}
            case FeatureLevelSet set -> setFeature(set);
            case TopicCreated created -> createTopic(created);
            case TopicDeleted(var topicId) -> deleteTopic(topicId);
            case PartitionCreated created -> createPartition(created);
            case PartitionChanged changed -> changePartition(changed);
            case ReplicaDirectoryChanged changed -> moveReplica(changed);
            case ConfigSet(var scope, var key, var value) ->
                    putConfigs(scope, own(scope).plus(key, value));
            case ConfigRemoved(var scope, var key) -> putConfigs(scope, own(scope).minus(key));
            case BrokerRegistered(var registration) -> register(registration);
            case BrokerFenced(var nodeId, var number) ->
                    changeBroker(nodeId, number, broker -> fenced(broker, true));
            case BrokerUnfenced(var nodeId, var number) ->
                    changeBroker(nodeId, number, broker -> fenced(broker, false));
            case BrokerShutdownStarted(var nodeId, var number) ->
                    changeBroker(nodeId, number, RecordReplay::shuttingDown);
            case BrokerRemoved(var nodeId, var number) -> removeBroker(nodeId, number);
            case DirectoryFailed(var nodeId, var directoryId) ->
                    changeDirectories(nodeId, directoryId, true);
            case DirectoryRestored(var nodeId, var directoryId) ->
                    changeDirectories(nodeId, directoryId, false);
            case ProducerIdsAllocated allocated -> allocateProducerIds(allocated);
        }
    }

    /// The image after everything replayed so far.
    ClusterImage image(long offset, Activation activation) {
        return new ClusterImage(
                offset,
                activation,
                features,
                new TopicsImage(topics, topicNames, partitionCount),
                new BrokersImage(brokers, lastRegistrationNumber),
                new ConfigsImage(configs),
                nextProducerId);
    }

    ImageDelta delta(long offset, List<MetadataRecord> records) {
        return new ImageDelta(
                offset,
                records,
                Collections.unmodifiableSortedSet(createdTopics),
                Collections.unmodifiableSortedMap(deletedTopics),
                Collections.unmodifiableSortedSet(changedPartitions),
                Collections.unmodifiableSortedSet(changedBrokers),
                Collections.unmodifiableSortedSet(changedConfigs),
                !features.equals(before.features()));
    }

    private void setFeature(FeatureLevelSet set) {
        var current = features.get(set.feature());
        check(current == null || current < set.level(), "feature lowered", set);
        features = features.plus(set.feature(), set.level());
    }

    private void createTopic(TopicCreated created) {
        check(!topics.containsKey(created.topicId()), "topic id in use", created);
        check(!topicNames.containsKey(created.name()), "topic name in use", created);
        topics =
                topics.plus(
                        created.topicId(),
                        new TopicImage(created.topicId(), created.name(), TreePVector.empty()));
        topicNames = topicNames.plus(created.name(), created.topicId());
        createdTopics.add(created.topicId());
    }

    private void deleteTopic(UUID topicId) {
        var topic = topic(topicId, new TopicDeleted(topicId));
        topics = topics.minus(topicId);
        topicNames = topicNames.minus(topic.name());
        partitionCount -= topic.partitions().size();
        var scope = new ConfigScope.Topic(topicId);
        configs = configs.minus(scope);
        changedConfigs.remove(scope);
        changedPartitions.removeIf(partition -> partition.topicId().equals(topicId));
        if (!createdTopics.remove(topicId)) {
            deletedTopics.put(topicId, topic.name());
        }
    }

    private void createPartition(PartitionCreated created) {
        var topic = topic(created.topicId(), created);
        check(topic.partitions().size() == created.partition(), "partition out of turn", created);
        var partitions = topic.partitions().plus(created.state());
        topics =
                topics.plus(
                        topic.topicId(), new TopicImage(topic.topicId(), topic.name(), partitions));
        partitionCount++;
        changedPartitions.add(new TopicPartition(created.topicId(), created.partition()));
    }

    private void changePartition(PartitionChanged changed) {
        var partition = new TopicPartition(changed.topicId(), changed.partition());
        var state = partition(partition, changed);
        check(
                changed.partitionEpoch() == state.partitionEpoch() + 1,
                "partition epoch " + state.partitionEpoch() + " before",
                changed);
        check(changed.leaderEpoch() >= state.leaderEpoch(), "leader epoch falls", changed);
        check(
                changed.leaderEpoch() > state.leaderEpoch()
                        || changed.leader().equals(state.leader()),
                "a new leader in an old epoch",
                changed);
        putPartition(partition, state.with(changed));
    }

    private void moveReplica(ReplicaDirectoryChanged changed) {
        var partition = new TopicPartition(changed.topicId(), changed.partition());
        var state = partition(partition, changed);
        putPartition(partition, state.withDirectory(changed.nodeId(), changed.directoryId()));
    }

    private void putPartition(TopicPartition partition, PartitionState state) {
        var topic = topic(partition.topicId(), partition);
        var partitions = topic.partitions().with(partition.partition(), state);
        topics =
                topics.plus(
                        topic.topicId(), new TopicImage(topic.topicId(), topic.name(), partitions));
        changedPartitions.add(partition);
    }

    private PSortedMap<String, String> own(ConfigScope scope) {
        var values = configs.get(scope);
        return values == null ? TreePMap.empty() : values;
    }

    private void putConfigs(ConfigScope scope, PSortedMap<String, String> values) {
        if (scope instanceof ConfigScope.Topic(var topicId)) {
            check(topics.containsKey(topicId), "configuration of an unknown topic", scope);
        }
        configs = values.isEmpty() ? configs.minus(scope) : configs.plus(scope, values);
        changedConfigs.add(scope);
    }

    private void register(BrokerRegistration registration) {
        check(
                registration.registrationNumber() > lastRegistrationNumber,
                "registration number " + lastRegistrationNumber + " given before",
                registration);
        lastRegistrationNumber = registration.registrationNumber();
        var known = brokers.get(registration.nodeId());
        var failed = known == null ? TreePSet.<UUID>empty() : known.failedDirectories();
        for (var directory : failed) {
            if (!registration.directories().contains(directory)) {
                failed = failed.minus(directory);
            }
        }
        brokers =
                brokers.plus(
                        registration.nodeId(), new BrokerState(registration, true, false, failed));
        changedBrokers.add(registration.nodeId());
    }

    private void removeBroker(int nodeId, long number) {
        broker(nodeId, number);
        brokers = brokers.minus(nodeId);
        changedBrokers.add(nodeId);
    }

    private void changeDirectories(int nodeId, UUID directoryId, boolean failed) {
        var broker = brokers.get(nodeId);
        if (broker == null) {
            throw contradiction("unknown broker", nodeId);
        }
        check(
                broker.registration().directories().contains(directoryId),
                "directory " + directoryId + " is not of",
                broker.registration());
        var directories =
                failed
                        ? broker.failedDirectories().plus(directoryId)
                        : broker.failedDirectories().minus(directoryId);
        brokers =
                brokers.plus(
                        nodeId,
                        new BrokerState(
                                broker.registration(),
                                broker.isFenced(),
                                broker.isShuttingDown(),
                                directories));
        changedBrokers.add(nodeId);
    }

    private void changeBroker(int nodeId, long number, UnaryOperator<BrokerState> change) {
        brokers = brokers.plus(nodeId, change.apply(broker(nodeId, number)));
        changedBrokers.add(nodeId);
    }

    private static BrokerState fenced(BrokerState broker, boolean isFenced) {
        return new BrokerState(
                broker.registration(),
                isFenced,
                broker.isShuttingDown(),
                broker.failedDirectories());
    }

    private static BrokerState shuttingDown(BrokerState broker) {
        return new BrokerState(
                broker.registration(), broker.isFenced(), true, broker.failedDirectories());
    }

    private void allocateProducerIds(ProducerIdsAllocated allocated) {
        check(
                allocated.firstProducerId() >= nextProducerId,
                "producer ids below " + nextProducerId + " are given out",
                allocated);
        nextProducerId = allocated.nextProducerId();
    }

    private TopicImage topic(UUID topicId, Object record) {
        var topic = topics.get(topicId);
        if (topic == null) {
            throw contradiction("unknown topic", record);
        }
        return topic;
    }

    private PartitionState partition(TopicPartition partition, Object record) {
        var topic = topic(partition.topicId(), record);
        check(partition.partition() < topic.partitions().size(), "unknown partition", record);
        return topic.partitions().get(partition.partition());
    }

    private BrokerState broker(int nodeId, long number) {
        var broker = brokers.get(nodeId);
        if (broker == null) {
            throw contradiction("unknown broker", nodeId);
        }
        check(
                broker.registration().registrationNumber() == number,
                "registration " + number + " is not current",
                broker.registration());
        return broker;
    }

    private static void check(boolean holds, String broken, Object record) {
        if (!holds) {
            throw contradiction(broken, record);
        }
    }

    private static IllegalStateException contradiction(String broken, Object record) {
        return new IllegalStateException(
                "metadata record contradicts the image: " + broken + ": " + record);
    }
}
