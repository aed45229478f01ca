// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.BrokerDescription;
import dev.weir.api.v1.ConfigEntry;
import dev.weir.api.v1.DescribeClusterResponse;
import dev.weir.api.v1.DescribeQuorumResponse;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.QuorumVoter;
import dev.weir.api.v1.TopicRef;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Wire messages to this client's types.
final class Descriptions {

    private static final HexFormat HEX = HexFormat.of();
    private static final String SOURCE_PREFIX = "CONFIG_SOURCE_";

    private Descriptions() {}

    static TopicRef topicRef(String name) {
        return TopicRef.newBuilder().setName(name).build();
    }

    static dev.weir.api.v1.ConfigScope scope(ConfigScope scope) {
        var builder = dev.weir.api.v1.ConfigScope.newBuilder();
        return switch (scope) {
            case ConfigScope.Cluster() -> builder.setCluster(true).build();
            case ConfigScope.Broker(int nodeId) -> builder.setBroker(nodeId).build();
            case ConfigScope.Topic(String name) -> builder.setTopic(name).build();
        };
    }

    static dev.weir.api.v1.StartPosition start(StartPosition start) {
        var builder = dev.weir.api.v1.StartPosition.newBuilder();
        return switch (start) {
            case StartPosition.Earliest() -> builder.setEarliest(true).build();
            case StartPosition.Latest() -> builder.setLatest(true).build();
            case StartPosition.AtOffset(long offset) -> builder.setOffset(offset).build();
            case StartPosition.AtTimestamp(long timestampMs) ->
                    builder.setTimestampMs(timestampMs).build();
        };
    }

    static TopicListing listing(dev.weir.api.v1.TopicListing topic) {
        return new TopicListing(
                topic.getName(),
                hex(topic.getId()),
                topic.getPartitions(),
                topic.getReplicationFactor(),
                topic.getInternal());
    }

    static TopicDescription topic(dev.weir.api.v1.TopicDescription topic, long metadataOffset) {
        return new TopicDescription(
                topic.getName(),
                hex(topic.getId()),
                topic.getInternal(),
                topic.getPartitionsList().stream().map(Descriptions::partition).toList(),
                topic.getConfigsList().stream().map(Descriptions::config).toList(),
                metadataOffset);
    }

    static ConfigValue config(ConfigEntry entry) {
        var source = entry.getSource().name();
        return new ConfigValue(
                entry.getName(),
                entry.getValue(),
                source.startsWith(SOURCE_PREFIX)
                        ? source.substring(SOURCE_PREFIX.length()).toLowerCase(Locale.ROOT)
                        : source,
                entry.getDefaultValue(),
                entry.getDescription(),
                entry.getDynamic());
    }

    static ClusterDescription cluster(DescribeClusterResponse cluster) {
        return new ClusterDescription(
                cluster.getClusterId(),
                cluster.hasControllerId()
                        ? OptionalInt.of(cluster.getControllerId())
                        : OptionalInt.empty(),
                cluster.getBrokersList().stream().map(Descriptions::broker).toList(),
                cluster.getMetadataOffset(),
                cluster.getFeatureLevel());
    }

    static QuorumDescription quorum(DescribeQuorumResponse quorum) {
        return new QuorumDescription(
                quorum.hasLeaderId() ? OptionalInt.of(quorum.getLeaderId()) : OptionalInt.empty(),
                quorum.getTerm(),
                quorum.getCommittedIndex(),
                quorum.getAppliedIndex(),
                voters(quorum.getVotersList()));
    }

    static List<QuorumDescription.Voter> voters(List<QuorumVoter> voters) {
        return voters.stream()
                .map(
                        voter ->
                                new QuorumDescription.Voter(
                                        voter.getNodeId(),
                                        voter.getPeerId(),
                                        voter.getAddress(),
                                        voter.hasMatchIndex()
                                                ? OptionalLong.of(voter.getMatchIndex())
                                                : OptionalLong.empty()))
                .toList();
    }

    static ServerInfo serverInfo(GetServerInfoResponse info) {
        var limits = info.getLimits();
        return new ServerInfo(
                info.getClusterId(),
                info.getNodeId(),
                info.getVersion(),
                List.copyOf(info.getFeaturesList()),
                limits.getMaxBatchBytes(),
                limits.getInitialProduceCreditBytes(),
                limits.getMaxInFlightBatches(),
                limits.getMaxFetchCreditBytes());
    }

    static String hex(ByteString bytes) {
        return HEX.formatHex(bytes.toByteArray());
    }

    private static TopicDescription.Partition partition(PartitionDescription partition) {
        return new TopicDescription.Partition(
                partition.getPartition(),
                partition.hasLeader() ? OptionalInt.of(partition.getLeader()) : OptionalInt.empty(),
                partition.getLeaderAddress(),
                partition.getLeaderEpoch(),
                partition.getPartitionEpoch(),
                List.copyOf(partition.getReplicasList()),
                List.copyOf(partition.getIsrList()),
                List.copyOf(partition.getElrList()),
                List.copyOf(partition.getRecoveringList()),
                partition.hasLogStartOffset()
                        ? OptionalLong.of(partition.getLogStartOffset())
                        : OptionalLong.empty(),
                partition.hasHighWatermark()
                        ? OptionalLong.of(partition.getHighWatermark())
                        : OptionalLong.empty());
    }

    private static ClusterDescription.Broker broker(BrokerDescription broker) {
        return new ClusterDescription.Broker(
                broker.getNodeId(),
                broker.getAddress(),
                broker.getRack(),
                broker.getFenced(),
                hex(broker.getIncarnation()),
                broker.getDirectoryIdsList().stream().map(Descriptions::hex).toList(),
                broker.getRegistration());
    }
}
