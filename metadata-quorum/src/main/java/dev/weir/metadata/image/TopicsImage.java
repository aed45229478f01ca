// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

/// All topics, by id and by name.
///
/// @param byId the topics, sorted by id
/// @param idByName the ids, sorted by name
/// @param partitionCount partitions of all topics together
public record TopicsImage(
        PSortedMap<UUID, TopicImage> byId, PSortedMap<String, UUID> idByName, int partitionCount) {

    /// No topics.
    public static final TopicsImage EMPTY = new TopicsImage(TreePMap.empty(), TreePMap.empty(), 0);

    /// The topic with this id.
    public Optional<TopicImage> topic(UUID topicId) {
        return Optional.ofNullable(byId.get(topicId));
    }

    /// The topic with this name.
    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(idByName.get(name)).flatMap(this::topic);
    }

    /// The state of one partition.
    public Optional<PartitionState> partition(TopicPartition partition) {
        return topic(partition.topicId())
                .filter(topic -> partition.partition() >= 0)
                .filter(topic -> partition.partition() < topic.partitions().size())
                .map(topic -> topic.partitions().get(partition.partition()));
    }

    /// All topics, sorted by id.
    public Collection<TopicImage> all() {
        return byId.values();
    }
}
