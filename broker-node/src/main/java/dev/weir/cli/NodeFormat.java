// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.metadata.quorum.MetadataQuorum;

import java.util.UUID;

/// Gives a node its identity: its data directory first, because the metadata's is inside it by
/// default and both want to find nothing.
final class NodeFormat {

    private NodeFormat() {}

    /// Durable on return. Fails when a directory holds anything, a formatted one included.
    static void format(BrokerConfig config) {
        DataDirectory.format(
                config.dataDir(), config.clusterId(), config.nodeId(), UUID.randomUUID());
        var _ = MetadataQuorum.format(config.metadataDir(), config.clusterId(), config.nodeId());
    }
}
