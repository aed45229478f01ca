// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.PartitionState;

import org.pcollections.PVector;

import java.util.UUID;

/// One topic.
///
/// @param topicId random, never used again
/// @param name the name it is found by
/// @param partitions the partitions' states; the index is the partition
public record TopicImage(UUID topicId, String name, PVector<PartitionState> partitions) {}
