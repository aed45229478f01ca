// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// One partition of a topic.
public record PartitionId(String topic, int partition) {}
