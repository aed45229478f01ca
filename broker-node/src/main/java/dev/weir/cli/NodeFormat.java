// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.Voter;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.metadata.quorum.MetadataQuorum;

import java.nio.file.Path;
import java.util.UUID;

/// Gives a node its identity: its data directory first, because the metadata's is inside it by
/// default and both want to find nothing.
///
/// A node that lost one of two disks keeps the other: only what is not formatted is.
final class NodeFormat {

    private NodeFormat() {}

    /// Durable on return. The configuration needs no voters.
    ///
    /// @param clusterId the same on every node
    /// @return this node's entry for `quorum.voters`
    /// @throws CommandFailure both directories are formatted already, or one is another's
    static Voter format(BrokerConfig config, UUID clusterId) {
        var data = DataDirectory.identityOf(config.dataDir());
        var metadata = MetadataQuorum.identityOf(config.metadataDir());
        data.ifPresent(
                found -> checkOwn(config, clusterId, found.clusterId(), found.nodeId(), true));
        metadata.ifPresent(
                found -> checkOwn(config, clusterId, found.clusterId(), found.nodeId(), false));
        if (data.isPresent() && metadata.isPresent()) {
            throw new CommandFailure(
                    config.dataDir()
                            + " is formatted already: start the node with 'weir server', or name an"
                            + " empty directory");
        }
        if (data.isEmpty()) {
            DataDirectory.format(
                    config.dataDir(),
                    config.metadataDir(),
                    new DirectoryIdentity(clusterId, config.nodeId(), UUID.randomUUID()));
        }
        var identity =
                metadata.orElseGet(
                        () ->
                                MetadataQuorum.format(
                                        config.metadataDir(), clusterId, config.nodeId()));
        return new Voter(config.nodeId(), config.quorumAdvertisedAddress(), identity.directoryId());
    }

    private static void checkOwn(
            BrokerConfig config, UUID clusterId, UUID foundCluster, int foundNode, boolean isData) {
        Path path = isData ? config.dataDir() : config.metadataDir();
        if (!foundCluster.equals(clusterId) || foundNode != config.nodeId()) {
            throw new CommandFailure(
                    "%s belongs to node %d of cluster %s already: name an empty directory"
                            .formatted(path, foundNode, foundCluster));
        }
    }
}
