// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;

import java.util.function.Function;

/// What the calls and streams of a node share that are carried to other nodes.
///
/// @param nodeId this node
/// @param leaders who leads a partition, by the node's newest image
/// @param peers connections to other nodes
/// @param timers looks at the image again while something waits for a leader
/// @param budget counts what is fetched from other nodes and waits for its reader
record Forwarding(
        int nodeId,
        Function<PartitionId, Leadership> leaders,
        PeerChannels peers,
        StreamTimers timers,
        MemoryBudget budget) {

    /// How long something waits for a leader before its sender hears that there is none: longer
    /// than an election, short enough not to hide that nobody can lead.
    static final long LEADER_WAIT_MS = 5_000;

    /// How often the image is looked at while something waits for it.
    static final long POLL_MS = 5;

    Leadership leader(PartitionId partition) {
        return leaders.apply(partition);
    }
}
