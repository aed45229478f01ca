// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;

/// Counts connections, and lets no calls in on one too many.
///
/// **Threading:** any thread.
final class ConnectionBound extends ServerTransportFilter {

    private static final Attributes.Key<Boolean> REFUSED =
            Attributes.Key.create("weir-connection-refused");

    private final int connectionsMax;
    private final Open open;
    private final Runnable onRefused;

    /// The number of open connections.
    interface Open {

        /// Adds, and gives the new number.
        int add(int change);
    }

    /// @param open adds to the number of connections and gives the new one
    /// @param onRefused run for each connection too many
    ConnectionBound(int connectionsMax, Open open, Runnable onRefused) {
        this.connectionsMax = connectionsMax;
        this.open = open;
        this.onRefused = onRefused;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        if (open.add(1) <= connectionsMax) {
            return attributes;
        }
        onRefused.run();
        return attributes.toBuilder().set(REFUSED, true).build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        open.add(-1);
    }

    static boolean isRefused(Attributes attributes) {
        return Boolean.TRUE.equals(attributes.get(REFUSED));
    }
}
