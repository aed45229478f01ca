// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A topic, its partitions and its own configuration are gone; its name is free again.
///
/// @param topicId the topic's id
public record TopicDeleted(UUID topicId) implements MetadataRecord {}
