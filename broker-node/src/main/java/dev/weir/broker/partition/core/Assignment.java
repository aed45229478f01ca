// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;

/// One partition as the metadata image states it.
///
/// @param leaderId node that leads, or [#NO_LEADER]
/// @param leaderEpoch rises with every change of leader, and with every restart of one
/// @param partitionEpoch rises with every change of this state
/// @param replicas all nodes that keep a copy, the preferred leader first; never empty
/// @param isr nodes in sync, a subset of `replicas`
public record Assignment(
        int leaderId,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr) {

    /// No node leads: the partition is offline.
    public static final int NO_LEADER = -1;

    public Assignment {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        if (leaderId < NO_LEADER || leaderEpoch < 0 || partitionEpoch < 0) {
            throw new IllegalArgumentException(
                    "leader " + leaderId + ", epochs " + leaderEpoch + ", " + partitionEpoch);
        }
        if (replicas.isEmpty() || !replicas.containsAll(isr)) {
            throw new IllegalArgumentException("isr " + isr + " of replicas " + replicas);
        }
        if (leaderId != NO_LEADER && !isr.contains(leaderId)) {
            throw new IllegalArgumentException("leader " + leaderId + " not in isr " + isr);
        }
    }
}
