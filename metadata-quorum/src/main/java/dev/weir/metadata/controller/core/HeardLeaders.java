// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Partitions that remember `recovering` members although they have a leader: once that leader is
/// heard in its epoch, the members are not needed for an election any more.
///
/// A leader is heard when it says that it acts on an image at least as new as the one that made it
/// leader. Owned by the controller, in memory only.
final class HeardLeaders {

    /// @param leaderEpoch the leadership that has to be heard
    /// @param sinceOffset metadata offset from which it is known
    private record Awaited(int leaderEpoch, long sinceOffset) {}

    private final TreeMap<TopicPartition, Awaited> awaited = new TreeMap<>();

    /// Begins with the image of a new activation.
    void start(ClusterImage image) {
        awaited.clear();
        for (var topic : image.topics().all()) {
            for (var partition = 0; partition < topic.partitions().size(); partition++) {
                look(new TopicPartition(topic.topicId(), partition), image);
            }
        }
    }

    void applied(ClusterImage image, ImageDelta delta) {
        delta.changedPartitions().forEach(partition -> look(partition, image));
        if (!delta.deletedTopics().isEmpty()) {
            awaited.keySet().removeIf(p -> delta.deletedTopics().containsKey(p.topicId()));
        }
    }

    boolean areAwaited() {
        return !awaited.isEmpty();
    }

    /// Partitions whose leader has been heard.
    SortedSet<TopicPartition> heard(ClusterImage pending, BrokerSessions sessions) {
        var heard = new TreeSet<TopicPartition>();
        awaited.forEach(
                (partition, leadership) -> {
                    var isHeard =
                            pending.topics()
                                    .partition(partition)
                                    .filter(s -> s.leaderEpoch() == leadership.leaderEpoch())
                                    .flatMap(state -> leaderOffset(state, pending, sessions))
                                    .map(offset -> offset >= leadership.sinceOffset())
                                    .orElse(false);
                    if (isHeard) {
                        heard.add(partition);
                    }
                });
        return heard;
    }

    private static Optional<Long> leaderOffset(
            PartitionState state, ClusterImage pending, BrokerSessions sessions) {
        return state.leader().isEmpty()
                ? Optional.empty()
                : pending.brokers().broker(state.leader().getAsInt()).map(sessions::metadataOffset);
    }

    private void look(TopicPartition partition, ClusterImage image) {
        var state = image.topics().partition(partition).orElseThrow();
        if (state.recovering().isEmpty() || state.leader().isEmpty()) {
            awaited.remove(partition);
        } else {
            var known = awaited.get(partition);
            if (known == null || known.leaderEpoch() != state.leaderEpoch()) {
                awaited.put(partition, new Awaited(state.leaderEpoch(), image.offset()));
            }
        }
    }
}
