// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;

/// Where an accepted batch is, and how safe it was when this was written.
///
/// @param baseOffset offset of its first record; the others follow densely
/// @param recordCount records in it
/// @param leaderEpoch epoch of the leader that answers
/// @param durability the level that is reached, never the one merely asked for
/// @param replicas ids of the nodes known to hold it, the leader included, ascending
/// @param durableReplicas ids of the nodes known to have it on stable storage, ascending
/// @param duplicate the same batch had been accepted before; nothing was appended now
public record Receipt(
        long baseOffset,
        int recordCount,
        int leaderEpoch,
        Durability durability,
        List<Integer> replicas,
        List<Integer> durableReplicas,
        boolean duplicate) {

    public Receipt {
        replicas = List.copyOf(replicas);
        durableReplicas = List.copyOf(durableReplicas);
    }
}
