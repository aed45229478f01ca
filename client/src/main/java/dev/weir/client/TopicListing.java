// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// One line of a list of topics.
///
/// @param id 32 hexadecimal digits
/// @param isInternal whether the cluster keeps it for itself
public record TopicListing(
        String name, String id, int partitions, int replicationFactor, boolean isInternal) {}
