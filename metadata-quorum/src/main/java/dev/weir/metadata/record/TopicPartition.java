// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.Comparator;
import java.util.UUID;

/// One partition, named by its topic's id. Ordered by topic id, then partition.
///
/// @param topicId the topic's id
/// @param partition index within the topic, from 0
public record TopicPartition(UUID topicId, int partition) implements Comparable<TopicPartition> {

    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topicId)
                    .thenComparingInt(TopicPartition::partition);

    @Override
    public int compareTo(TopicPartition other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return topicId + "/" + partition;
    }
}
