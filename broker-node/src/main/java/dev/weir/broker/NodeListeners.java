// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.metrics.MetricsEndpoint;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.net.EventLoops;
import dev.weir.broker.rpc.GrpcServer;
import dev.weir.broker.rpc.NodeState;

import io.grpc.ServerServiceDefinition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/// Opens the ports of a node; a port that cannot be opened is a [BrokerStartException] that names
/// its key.
///
/// @param config addresses and limits
/// @param loops serve the connections
/// @param state says whether calls of clients are taken
/// @param metrics counts
record NodeListeners(BrokerConfig config, EventLoops loops, NodeState state, NodeMetrics metrics) {

    /// For other nodes; serves from now on.
    GrpcServer forNodes(List<ServerServiceDefinition> services) {
        try {
            var internal =
                    GrpcServer.start(
                            Settings.internalListener(config), loops, services, state, metrics);
            internal.serving(true);
            return internal;
        } catch (IOException e) {
            throw StartErrors.cannotListen(
                    "internal.listen.address", config.internalListenAddress(), e);
        }
    }

    /// For clients; refuses them until the node is ready.
    GrpcServer forClients(List<ServerServiceDefinition> services) {
        try {
            return GrpcServer.start(Settings.listener(config), loops, services, state, metrics);
        } catch (IOException e) {
            throw StartErrors.cannotListen("listen.address", config.listenAddress(), e);
        }
    }

    /// For who scrapes; empty if the configuration names no address.
    Optional<MetricsEndpoint> forScrapes() {
        var address = config.metricsAddress();
        if (address == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new MetricsEndpoint(
                            address.toSocketAddress(),
                            metrics,
                            () -> state.stage() == NodeState.Stage.READY));
        } catch (UncheckedIOException e) {
            throw StartErrors.cannotListen("metrics.address", address, e);
        }
    }
}
