// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/// What one batch changed, for those who act on images. Immutable; all collections are sorted.
///
/// @param offset metadata offset of the image that the delta leads to
/// @param records the batch's records; replaying them on the image before gives the image after
/// @param createdTopics topics that exist now and did not before
/// @param deletedTopics topics that are gone, with their names
/// @param changedPartitions partitions that are new or whose state changed, without deleted ones
/// @param changedBrokers brokers that are new, changed or (no longer in the image) removed
/// @param changedConfigs scopes with a changed value, without those of deleted topics
/// @param featuresChanged whether a feature level changed
public record ImageDelta(
        long offset,
        List<MetadataRecord> records,
        SortedSet<UUID> createdTopics,
        SortedMap<UUID, String> deletedTopics,
        SortedSet<TopicPartition> changedPartitions,
        SortedSet<Integer> changedBrokers,
        SortedSet<ConfigScope> changedConfigs,
        boolean featuresChanged) {}
