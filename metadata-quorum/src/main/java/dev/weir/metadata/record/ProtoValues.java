// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import com.google.protobuf.ByteString;

import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.v1.Membership;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// The values inside records to protobuf and back. Sentinels of the wire format end here.
final class ProtoValues {

    /// Bytes of a 128-bit id, big-endian.
    private static final int ID_BYTES = 16;

    private ProtoValues() {}

    static ByteString bytes(UUID id) {
        return bytes(List.of(id));
    }

    private static ByteString bytes(List<UUID> ids) {
        var buffer = ByteBuffer.allocate(ids.size() * ID_BYTES);
        ids.forEach(
                id ->
                        buffer.putLong(id.getMostSignificantBits())
                                .putLong(id.getLeastSignificantBits()));
        return ByteString.copyFrom(buffer.flip());
    }

    static UUID id(ByteString bytes) {
        if (bytes.size() != ID_BYTES) {
            throw new MalformedMetadataException(
                    "an id of " + bytes.size() + " bytes instead of " + ID_BYTES);
        }
        return ids(bytes).getFirst();
    }

    private static List<UUID> ids(ByteString bytes) {
        if (bytes.size() % ID_BYTES != 0) {
            throw new MalformedMetadataException(
                    "ids of " + bytes.size() + " bytes, no multiple of " + ID_BYTES);
        }
        var buffer = bytes.asReadOnlyByteBuffer();
        var ids = new ArrayList<UUID>(bytes.size() / ID_BYTES);
        while (buffer.hasRemaining()) {
            ids.add(new UUID(buffer.getLong(), buffer.getLong()));
        }
        return ids;
    }

    static dev.weir.metadata.v1.PartitionCreated proto(PartitionCreated created) {
        var state = created.state();
        return dev.weir.metadata.v1.PartitionCreated.newBuilder()
                .setTopicId(bytes(created.topicId()))
                .setPartition(created.partition())
                .addAllReplicas(state.replicas())
                .setDirectories(bytes(state.directories()))
                .setMembership(
                        proto(
                                PartitionChanged.to(created.topicId(), created.partition(), state),
                                state.leader()))
                .build();
    }

    static dev.weir.metadata.v1.PartitionChanged proto(PartitionChanged changed) {
        return dev.weir.metadata.v1.PartitionChanged.newBuilder()
                .setTopicId(bytes(changed.topicId()))
                .setPartition(changed.partition())
                .setMembership(proto(changed, changed.leader()))
                .build();
    }

    private static Membership proto(PartitionChanged changed, OptionalInt leader) {
        return Membership.newBuilder()
                .setLeader(leader.orElse(0))
                .setLeaderEpoch(changed.leaderEpoch())
                .setPartitionEpoch(changed.partitionEpoch())
                .addAllIsr(changed.isr())
                .addAllElr(changed.elr())
                .addAllRecovering(changed.recovering())
                .setFsyncUnproven(changed.fsyncUnproven())
                .build();
    }

    static PartitionCreated record(dev.weir.metadata.v1.PartitionCreated created) {
        var change = record(created.getTopicId(), created.getPartition(), created.getMembership());
        return new PartitionCreated(
                change.topicId(),
                change.partition(),
                new PartitionState(
                        created.getReplicasList(),
                        ids(created.getDirectories()),
                        change.isr(),
                        change.elr(),
                        change.recovering(),
                        change.leader(),
                        change.leaderEpoch(),
                        change.partitionEpoch(),
                        change.fsyncUnproven()));
    }

    static PartitionChanged record(dev.weir.metadata.v1.PartitionChanged changed) {
        return record(changed.getTopicId(), changed.getPartition(), changed.getMembership());
    }

    private static PartitionChanged record(ByteString topicId, int partition, Membership members) {
        return new PartitionChanged(
                id(topicId),
                partition,
                members.getLeader() == 0
                        ? OptionalInt.empty()
                        : OptionalInt.of(members.getLeader()),
                members.getLeaderEpoch(),
                members.getPartitionEpoch(),
                members.getIsrList(),
                members.getElrList(),
                members.getRecoveringList(),
                members.getFsyncUnproven());
    }

    static dev.weir.metadata.v1.ConfigScope proto(ConfigScope scope) {
        var proto = dev.weir.metadata.v1.ConfigScope.newBuilder();
        return switch (scope) {
            case ConfigScope.Cluster _ -> proto.setCluster(true).build();
            case ConfigScope.Broker(var nodeId) -> proto.setBroker(nodeId).build();
            case ConfigScope.Topic(var topicId) -> proto.setTopicId(bytes(topicId)).build();
        };
    }

    static ConfigScope scope(dev.weir.metadata.v1.ConfigScope proto) {
        return switch (proto.getScopeCase()) {
            case CLUSTER -> new ConfigScope.Cluster();
            case BROKER -> new ConfigScope.Broker(proto.getBroker());
            case TOPIC_ID -> new ConfigScope.Topic(id(proto.getTopicId()));
            case SCOPE_NOT_SET -> throw new MalformedMetadataException("a value without a scope");
        };
    }

    static dev.weir.metadata.v1.BrokerRegistered proto(BrokerRegistration registration) {
        var proto =
                dev.weir.metadata.v1.BrokerRegistered.newBuilder()
                        .setNodeId(registration.nodeId())
                        .setIncarnation(bytes(registration.incarnation()))
                        .setRegistrationNumber(registration.registrationNumber())
                        .setClientEndpoint(proto(registration.clientEndpoint()))
                        .setInternalEndpoint(proto(registration.internalEndpoint()))
                        .setRack(registration.rack().orElse(""))
                        .setWeirVersionMin(registration.weirVersionMin())
                        .setWeirVersionMax(registration.weirVersionMax());
        registration.directories().forEach(directory -> proto.addDirectories(bytes(directory)));
        return proto.build();
    }

    static BrokerRegistered record(dev.weir.metadata.v1.BrokerRegistered proto) {
        return new BrokerRegistered(
                new BrokerRegistration(
                        proto.getNodeId(),
                        id(proto.getIncarnation()),
                        proto.getRegistrationNumber(),
                        endpoint(proto.getClientEndpoint()),
                        endpoint(proto.getInternalEndpoint()),
                        Optional.of(proto.getRack()).filter(rack -> !rack.isEmpty()),
                        proto.getDirectoriesList().stream().map(ProtoValues::id).toList(),
                        proto.getWeirVersionMin(),
                        proto.getWeirVersionMax()));
    }

    private static dev.weir.metadata.v1.Endpoint proto(Endpoint endpoint) {
        return dev.weir.metadata.v1.Endpoint.newBuilder()
                .setHost(endpoint.host())
                .setPort(endpoint.port())
                .build();
    }

    private static Endpoint endpoint(dev.weir.metadata.v1.Endpoint proto) {
        return new Endpoint(proto.getHost(), proto.getPort());
    }
}
