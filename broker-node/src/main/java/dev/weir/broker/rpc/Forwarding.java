// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;
import dev.weir.metadata.image.ClusterImage;

import java.util.function.Supplier;

/// What the calls and streams of a node share that are carried to other nodes.
///
/// @param nodeId this node
/// @param image the node's newest image
/// @param peers connections to other nodes
/// @param timers polls the image while something waits for a leader
record Forwarding(
        int nodeId, Supplier<ClusterImage> image, PeerChannels peers, StreamTimers timers) {

    /// How long something waits for a leader before its sender hears that there is none: longer
    /// than an election, short enough not to hide that nobody can lead.
    static final long LEADER_WAIT_MS = 5_000;

    /// How often the image is looked at while something waits for it.
    static final long POLL_MS = 5;

    Leadership leader(PartitionId partition) {
        var topic = image.get().topics().topic(partition.topicId()).orElse(null);
        if (topic == null || partition.partition() >= topic.partitions().size()) {
            return new Leadership.Gone();
        }
        var state = topic.partitions().get(partition.partition());
        return state.leader().isPresent()
                ? new Leadership.Led(state.leader().getAsInt(), state.leaderEpoch())
                : new Leadership.Nobody(state.leaderEpoch());
    }
}
