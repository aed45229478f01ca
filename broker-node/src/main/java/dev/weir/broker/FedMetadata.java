// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.broker.controller.FedMetadataSource;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.net.EventLoops;
import dev.weir.broker.net.NodeChannels;
import dev.weir.metadata.record.Endpoint;

import io.grpc.ServerServiceDefinition;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The metadata of a broker outside of the quorum.
final class FedMetadata implements NodeMetadata {

    private final NodeChannels channels;
    private final FedMetadataSource source;
    private final String bootstrap;

    /// Begins to be fed.
    FedMetadata(BrokerConfig config, EventLoops loops) {
        var addresses =
                config.get(BrokerConfigKey.CLUSTER_BOOTSTRAP).stream()
                        .map(address -> new Endpoint(address.host(), address.port()))
                        .toList();
        bootstrap = addresses.stream().map(Endpoint::toString).collect(Collectors.joining(", "));
        channels = new NodeChannels(loops, this::address);
        source =
                new FedMetadataSource(
                        config.clusterId(),
                        config.nodeId(),
                        addresses,
                        channels::open,
                        node -> channels.internal(node, NodeChannels.Purpose.CONTROL).orElse(null));
        source.start();
    }

    private Optional<Endpoint> address(int nodeId) {
        return NodeMetadata.address(source.image(), nodeId);
    }

    @Override
    public MetadataSource source() {
        return source;
    }

    @Override
    public NodeChannels channels() {
        return channels;
    }

    @Override
    public List<ServerServiceDefinition> services() {
        return List.of();
    }

    @Override
    public String describe() {
        if (source.image().offset() == 0) {
            return "no metadata yet: a node of cluster.bootstrap (" + bootstrap + ") has to run";
        }
        var leader = source.leader();
        return leader.isPresent()
                ? "node " + leader.getAsInt() + " leads the metadata quorum"
                : "the metadata quorum has no leader";
    }

    @Override
    public void handOver() {}

    @Override
    public void close() {
        source.close();
        channels.close();
    }
}
