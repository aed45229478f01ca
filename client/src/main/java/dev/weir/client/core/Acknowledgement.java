// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import java.util.List;

/// A node's word that a batch is stored.
///
/// @param baseOffset of its first record; -1 when nothing is acknowledged
/// @param leaderEpoch of the leader that appended it
/// @param durability number of the level reached, as the wire has it
/// @param replicas ids of the nodes that hold it
/// @param durableReplicas ids of the nodes that have it on stable storage
public record Acknowledgement(
        long baseOffset,
        int leaderEpoch,
        int durability,
        List<Integer> replicas,
        List<Integer> durableReplicas) {

    /// Stands for the answer that `acks=none` never gets.
    public static final Acknowledgement NONE = new Acknowledgement(-1, -1, 1, List.of(), List.of());
}
