// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.net.NodeChannels;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.Endpoint;

import io.grpc.ServerServiceDefinition;

import java.util.List;
import java.util.Optional;

/// A node's share of the cluster's metadata: a vote in the quorum, or a feed from it.
sealed interface NodeMetadata extends AutoCloseable permits VotingMetadata, FedMetadata {

    /// What the node's services stand on.
    MetadataSource source();

    /// Connections to the nodes that the image names.
    NodeChannels channels();

    /// What other nodes may call.
    List<ServerServiceDefinition> services();

    /// What a starting node waits for, in one line.
    String describe();

    /// Hands over what only this node does for the others, while they still reach it.
    void handOver();

    @Override
    void close();

    /// Where an image says that a node listens for other nodes.
    static Optional<Endpoint> address(ClusterImage image, int nodeId) {
        return image.brokers().broker(nodeId).map(b -> b.registration().internalEndpoint());
    }
}
