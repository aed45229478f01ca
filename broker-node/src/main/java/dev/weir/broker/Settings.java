// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.broker.config.ConfigException;
import dev.weir.broker.config.HostPort;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.rpc.ApiLimits;
import dev.weir.broker.rpc.GrpcServer;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.broker.storage.DataDirectoryConfig;
import dev.weir.broker.storage.DirectoryStart;
import dev.weir.broker.storage.StorageException;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.quorum.MetadataQuorum;
import dev.weir.metadata.quorum.QuorumConfig;
import dev.weir.metadata.record.Endpoint;

import io.micrometer.core.instrument.MeterRegistry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One configuration, in the words of each part. Stateless.
final class Settings {

    /// Level of `weir.version` that this build can run.
    private static final int WEIR_VERSION = 1;

    private static final int READER_THREADS = 2;

    /// Unfinished calls of one connection of another node: each of its clients' streams may need
    /// one here.
    private static final int INTERNAL_CALLS_MAX = 16_384;

    private static final int INTERNAL_CONNECTIONS_MAX = 1_024;

    private static final long METADATA_DISK_FREE_MIN_BYTES = 16L << 20;

    private Settings() {}

    /// The configuration with the cluster that the node's directories name, if it names none. What
    /// they say is compared with it when they are opened.
    static BrokerConfig identified(BrokerConfig config) {
        if (config.find(BrokerConfigKey.CLUSTER_ID) != null) {
            return config;
        }
        return DataDirectory.identityOf(config.dataDir())
                .map(identity -> config.withClusterId(identity.clusterId()))
                .orElseThrow(() -> new StorageException.NotFormatted(config.dataDir()));
    }

    static DataDirectoryConfig dataDirectory(BrokerConfig config) {
        return new DataDirectoryConfig(
                config.dataDir(),
                config.clusterId(),
                config.nodeId(),
                config.workerThreads(),
                READER_THREADS,
                config.get(BrokerConfigKey.FLUSH_THREADS),
                config.workerThreads(),
                config.get(BrokerConfigKey.BATCH_MAX_BYTES),
                config.get(BrokerConfigKey.REPLICA_LAG_TIME_MAX_MS));
    }

    /// @throws ConfigException the configuration names no voters
    static QuorumConfig quorum(BrokerConfig config, MeterRegistry meters) {
        if (config.quorumVoters().isEmpty()) {
            throw new ConfigException(
                    "quorum.voters is missing: list every voter, each as 'weir format' printed it");
        }
        var address = config.quorumListenAddress();
        return new QuorumConfig(
                config.metadataDir(),
                config.nodeId(),
                config.clusterId(),
                new QuorumConfig.Listener(address.host(), address.port()),
                voters(config),
                tuning(config),
                meters);
    }

    private static List<QuorumConfig.Voter> voters(BrokerConfig config) {
        var voters = new ArrayList<QuorumConfig.Voter>();
        for (var voter : config.quorumVoters()) {
            var directoryId = voter.directoryId();
            if (directoryId == null) {
                // The sole voter, which is this node.
                var identity = MetadataQuorum.identityOf(config.metadataDir());
                if (identity.isEmpty()) {
                    return List.of();
                }
                directoryId = identity.get().directoryId();
            }
            var address = voter.address();
            voters.add(
                    new QuorumConfig.Voter(
                            voter.nodeId(), directoryId, address.host(), address.port()));
        }
        return voters;
    }

    private static QuorumConfig.Tuning tuning(BrokerConfig config) {
        var controller = ControllerSettings.DEFAULT;
        return new QuorumConfig.Tuning(
                Math.toIntExact(config.get(BrokerConfigKey.QUORUM_ELECTION_TIMEOUT_MS)),
                QuorumConfig.Snapshots.DEFAULT,
                new QuorumConfig.History(
                        config.get(BrokerConfigKey.METADATA_HISTORY_MS),
                        config.get(BrokerConfigKey.METADATA_HISTORY_BYTES)),
                METADATA_DISK_FREE_MIN_BYTES,
                new ControllerSettings(
                        config.get(BrokerConfigKey.BROKER_SESSION_TIMEOUT_MS),
                        controller.tickMs(),
                        controller.reactivateDelayMs(),
                        controller.inFlightBatchesMax(),
                        controller.inFlightBytesMax(),
                        controller.waitingCommandsMax(),
                        controller.defaultPartitions(),
                        controller.partitionsPerBatchMax(),
                        controller.replicasPerBrokerMax()));
    }

    static ControllerCommand.RegisterBroker registration(
            BrokerConfig config, DirectoryStart start) {
        boolean sameBoot = start.lastStop() != DirectoryStart.LastStop.SYSTEM_CRASH;
        return new ControllerCommand.RegisterBroker(
                config.nodeId(),
                start.incarnation(),
                0,
                endpoint(config.advertisedAddress()),
                endpoint(config.internalAdvertisedAddress()),
                Optional.empty(),
                List.of(start.directoryId()),
                WEIR_VERSION,
                WEIR_VERSION,
                sameBoot,
                start.unproven() ? List.of(start.directoryId()) : List.of());
    }

    static GrpcServer.Listener listener(BrokerConfig config) {
        return new GrpcServer.Listener(
                config.listenAddress().toSocketAddress(),
                config.get(BrokerConfigKey.MESSAGE_MAX_BYTES),
                config.get(BrokerConfigKey.CONNECTION_CALLS_MAX),
                config.get(BrokerConfigKey.CONNECTIONS_MAX),
                GrpcServer.Peers.CLIENTS);
    }

    static GrpcServer.Listener internalListener(BrokerConfig config) {
        return new GrpcServer.Listener(
                config.internalListenAddress().toSocketAddress(),
                NodeChannels.MESSAGE_BYTES_MAX,
                INTERNAL_CALLS_MAX,
                INTERNAL_CONNECTIONS_MAX,
                GrpcServer.Peers.NODES);
    }

    static ApiLimits limits(BrokerConfig config) {
        return new ApiLimits(
                config.get(BrokerConfigKey.BATCH_MAX_BYTES),
                config.get(BrokerConfigKey.MESSAGE_MAX_BYTES),
                config.get(BrokerConfigKey.PRODUCE_CREDIT_BYTES),
                config.get(BrokerConfigKey.STREAM_IDLE_MS),
                config.get(BrokerConfigKey.STREAM_SUBSCRIPTIONS_MAX),
                config.get(BrokerConfigKey.FETCH_CREDIT_MAX_BYTES),
                config.get(BrokerConfigKey.REQUEST_PARTITIONS_MAX),
                config.get(BrokerConfigKey.READ_MAX_BYTES));
    }

    private static Endpoint endpoint(HostPort address) {
        return new Endpoint(address.host(), address.port());
    }
}
