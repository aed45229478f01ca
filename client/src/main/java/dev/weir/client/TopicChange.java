// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;
import java.util.Map;

/// What to change in a topic: all of it or nothing.
///
/// @param partitions the new total; 0 leaves it
/// @param setConfigs values by key
/// @param removeConfigs keys that fall back to their default
public record TopicChange(
        int partitions, Map<String, String> setConfigs, List<String> removeConfigs) {}
