// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.NodeMetrics;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;

/// Counts client connections, and lets no calls in on one too many.
///
/// **Threading:** any thread.
final class ConnectionBound extends ServerTransportFilter {

    private static final Attributes.Key<Boolean> REFUSED =
            Attributes.Key.create("weir-connection-refused");

    private final int connectionsMax;
    private final NodeMetrics metrics;

    ConnectionBound(int connectionsMax, NodeMetrics metrics) {
        this.connectionsMax = connectionsMax;
        this.metrics = metrics;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        if (metrics.connections(1) <= connectionsMax) {
            return attributes;
        }
        metrics.connectionRefused();
        return attributes.toBuilder().set(REFUSED, true).build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        metrics.connections(-1);
    }

    static boolean isRefused(Attributes attributes) {
        return Boolean.TRUE.equals(attributes.get(REFUSED));
    }
}
