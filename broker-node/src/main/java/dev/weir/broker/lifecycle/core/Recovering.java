// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.TopicPartition;

import org.jspecify.annotations.Nullable;

import java.util.SortedSet;
import java.util.TreeSet;

/// Partitions whose ISR or ELR this broker left by an unclean restart: the controller may have to
/// choose the longest of such logs, and asks for their ends by marking them (`recovering`).
///
/// The report is made again when another controller took over, which forgot it, when there are
/// more, and every now and then while any is left.
final class Recovering {

    private final int nodeId;
    private final TreeSet<TopicPartition> partitions = new TreeSet<>();
    private ClusterImage seen = ClusterImage.EMPTY;
    private long seenActivation = -1;
    private long nextReportMs;
    private boolean isReporting;

    Recovering(int nodeId) {
        this.nodeId = nodeId;
    }

    /// Takes note of a followed image.
    void followed(ClusterImage image) {
        boolean grew = false;
        for (var topic : image.topics().all()) {
            var before = seen.topics().topic(topic.topicId()).orElse(null);
            grew |= topicFollowed(topic, before);
        }
        partitions.removeIf(one -> image.topics().topic(one.topicId()).isEmpty());
        if (grew || image.activation().activationId() != seenActivation) {
            seenActivation = image.activation().activationId();
            nextReportMs = 0;
        }
        seen = image;
    }

    /// Images share what did not change, so identity says enough, and at once.
    @SuppressWarnings("ReferenceEquality")
    private boolean topicFollowed(TopicImage topic, @Nullable TopicImage before) {
        if (topic == before) {
            return false;
        }
        boolean grew = false;
        for (int index = 0; index < topic.partitions().size(); index++) {
            var one = new TopicPartition(topic.topicId(), index);
            if (topic.partitions().get(index).recovering().contains(nodeId)) {
                grew |= partitions.add(one);
            } else {
                partitions.remove(one);
            }
        }
        return grew;
    }

    /// @return the replicas whose ends are to be read and reported now; empty if none
    SortedSet<TopicPartition> due(long nowMs) {
        if (isReporting || partitions.isEmpty() || nowMs < nextReportMs) {
            return new TreeSet<>();
        }
        isReporting = true;
        return new TreeSet<>(partitions);
    }

    /// A report was answered, or there was nothing to report.
    ///
    /// @param nextMs when to make it again
    void reported(long nextMs) {
        isReporting = false;
        nextReportMs = nextMs;
    }
}
