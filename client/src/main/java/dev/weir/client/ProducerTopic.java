// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.TopicRef;
import dev.weir.client.core.PartitionAccumulator;
import dev.weir.client.core.PartitionId;
import dev.weir.client.core.StickyPartition;
import dev.weir.record.Murmur2;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// A topic that a producer sends to: its partitions' accumulators and the choice between them.
final class ProducerTopic {

    /// One partition. Its monitor guards accumulator and flag.
    static final class Partition {
        final PartitionId id;
        final TopicRef topicRef;
        final PartitionAccumulator<SendCallback> accumulator;

        /// Whether the sender thread looks at it.
        boolean isActive;

        /// Whether it takes no records any more: the topic is to be looked up again.
        boolean isRetired;

        Partition(PartitionId id, TopicRef topicRef, PartitionAccumulator.Settings settings) {
            this.id = id;
            this.topicRef = topicRef;
            this.accumulator = new PartitionAccumulator<>(settings);
        }
    }

    private final String name;
    private final TopicRef topicRef;
    private final PartitionAccumulator.Settings settings;
    private final StickyPartition sticky;
    private volatile Partition[] partitions = new Partition[0];

    ProducerTopic(String name, PartitionAccumulator.Settings settings, long seed) {
        this.name = name;
        this.topicRef = Descriptions.topicRef(name);
        this.settings = settings;
        this.sticky = new StickyPartition(settings.batchBytes(), seed);
    }

    /// Takes note of the topic's number of partitions; it never shrinks.
    synchronized void resize(int partitionCount) {
        var before = partitions;
        if (partitionCount <= before.length) {
            return;
        }
        var after = Arrays.copyOf(before, partitionCount);
        for (int i = before.length; i < partitionCount; i++) {
            after[i] = new Partition(new PartitionId(name, i), topicRef, settings);
        }
        partitions = after;
    }

    /// Ends the use of these partitions, unless one of them has records: their order is theirs
    /// alone, so another object for the same partition must not exist beside them.
    ///
    /// @return whether it has ended
    synchronized boolean retire() {
        for (var partition : partitions) {
            synchronized (partition) {
                partition.isRetired = !partition.isActive && partition.accumulator.isEmpty();
                if (partition.isRetired) {
                    continue;
                }
            }
            restore();
            return false;
        }
        return true;
    }

    private void restore() {
        for (var partition : partitions) {
            synchronized (partition) {
                partition.isRetired = false;
            }
        }
    }

    int partitionCount() {
        return partitions.length;
    }

    /// The partition of a record: the one it names, its key's, or the one in turn.
    ///
    /// @return `null` if it names one that is not known
    @Nullable Partition partitionOf(ProducerRecord record) {
        var known = partitions;
        var named = record.partition();
        if (named != null) {
            return named >= 0 && named < known.length ? known[named] : null;
        }
        var key = record.key();
        if (key != null) {
            return known[Murmur2.partition(key, known.length)];
        }
        if (known.length == 1) {
            return known[0];
        }
        var value = record.value();
        int bytes = (value == null ? 0 : value.length) + 16;
        synchronized (sticky) {
            return known[sticky.choose(known.length, bytes)];
        }
    }
}
