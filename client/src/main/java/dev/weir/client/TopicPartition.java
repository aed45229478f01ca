// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// One partition of a topic.
///
/// @param topic its name
/// @param partition from 0
public record TopicPartition(String topic, int partition) {

    /// Refuses negative partitions.
    public TopicPartition {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " < 0");
        }
    }

    /// `topic-partition`, as Kafka writes it.
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
