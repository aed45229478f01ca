// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;

/// A topic after a change.
///
/// @param warnings for people, for example that keys now map to other partitions
public record AlteredTopic(TopicDescription topic, List<String> warnings) {}
