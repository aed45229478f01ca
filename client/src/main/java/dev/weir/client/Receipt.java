// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;

/// Where an acknowledged record is, and how safe.
///
/// @param offset its offset; [#NO_OFFSET] with [Acks#NONE]
/// @param leaderEpoch epoch of the leader that appended it; -1 with [Acks#NONE]
/// @param durability the level reached, never the one merely asked for
/// @param replicas ids of the nodes that hold it, the leader included
/// @param durableReplicas ids of the nodes that have it on stable storage
public record Receipt(
        String topic,
        int partition,
        long offset,
        int leaderEpoch,
        Durability durability,
        List<Integer> replicas,
        List<Integer> durableReplicas) {

    /// Stands for the offset that nobody told.
    public static final long NO_OFFSET = -1;
}
