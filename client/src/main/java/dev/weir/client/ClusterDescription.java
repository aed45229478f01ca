// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;
import java.util.OptionalInt;

/// The nodes of a cluster.
///
/// @param controllerId empty while no controller is active
/// @param metadataOffset what the description is true at
public record ClusterDescription(
        String clusterId,
        OptionalInt controllerId,
        List<Broker> brokers,
        long metadataOffset,
        int featureLevel) {

    /// One registered node.
    ///
    /// @param address `HOST:PORT` for clients
    /// @param isFenced whether it is kept from leading, because it is not heard
    /// @param incarnation 32 hexadecimal digits, new at each start
    /// @param directoryIds 32 hexadecimal digits each
    /// @param registration number of its registration
    public record Broker(
            int nodeId,
            String address,
            String rack,
            boolean isFenced,
            String incarnation,
            List<String> directoryIds,
            long registration) {}
}
