// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.Objects;

/// What a partition obeys of its topic's configuration. Changes arrive with the image.
///
/// @param durability what acks=all waits for: [Durability#REPLICATED] or [Durability#FSYNC]
/// @param minInsyncReplicas smallest in-sync set, the leader included, that takes acks=all; what
///   counts is the smaller of this and the number of replicas
/// @param timestampAheadMaxMs how far a record's timestamp may lie ahead of the wall clock, in
///   milliseconds (Kafka's `message.timestamp.after.max.ms`)
public record PartitionConfig(
        Durability durability, int minInsyncReplicas, long timestampAheadMaxMs) {

    /// One hour, in milliseconds.
    public static final long TIMESTAMP_AHEAD_MAX_MS = 60 * 60 * 1000L;

    /// `fsync`, one in-sync replica, one hour.
    public static final PartitionConfig DEFAULT =
            new PartitionConfig(Durability.FSYNC, 1, TIMESTAMP_AHEAD_MAX_MS);

    public PartitionConfig {
        Objects.requireNonNull(durability);
        if (durability == Durability.LEADER) {
            throw new IllegalArgumentException("no topic has durability LEADER");
        }
        if (minInsyncReplicas < 1) {
            throw new IllegalArgumentException("minInsyncReplicas " + minInsyncReplicas + " < 1");
        }
        if (timestampAheadMaxMs < 0) {
            throw new IllegalArgumentException(
                    "timestampAheadMaxMs " + timestampAheadMaxMs + " < 0");
        }
    }
}
