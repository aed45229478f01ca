// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import static dev.weir.metadata.record.ProtoValues.bytes;

import com.google.protobuf.MessageLite;

import dev.weir.metadata.v1.BrokerNamed;
import dev.weir.metadata.v1.DirectoryNamed;
import dev.weir.metadata.v1.Envelope;

/// One record to its envelope (type, version, body) and back.
///
/// Reading checks everything that the records' constructors check, so a record that comes out of
/// here is as good as one that was decided on this node.
public final class MetadataRecordCodec {

    private MetadataRecordCodec() {}

    /// The envelope that holds `record`.
    public static Envelope encode(MetadataRecord record) {
        return switch (record) {
            case ControllerActivated(var term, var activationId) ->
                    envelope(
                            RecordType.CONTROLLER_ACTIVATED,
                            dev.weir.metadata.v1.ControllerActivated.newBuilder()
                                    .setTerm(term)
                                    .setActivationId(activationId)
                                    .build());
            case FeatureLevelSet(var feature, var level) ->
                    envelope(
                            RecordType.FEATURE_LEVEL_SET,
                            dev.weir.metadata.v1.FeatureLevelSet.newBuilder()
                                    .setFeature(feature)
                                    .setLevel(level)
                                    .build());
            case TopicCreated(var topicId, var name) ->
                    envelope(
                            RecordType.TOPIC_CREATED,
                            dev.weir.metadata.v1.TopicCreated.newBuilder()
                                    .setTopicId(bytes(topicId))
                                    .setName(name)
                                    .build());
            case TopicDeleted(var topicId) ->
                    envelope(
                            RecordType.TOPIC_DELETED,
                            dev.weir.metadata.v1.TopicDeleted.newBuilder()
                                    .setTopicId(bytes(topicId))
                                    .build());
            case PartitionCreated created ->
                    envelope(RecordType.PARTITION_CREATED, ProtoValues.proto(created));
            case PartitionChanged changed ->
                    envelope(RecordType.PARTITION_CHANGED, ProtoValues.proto(changed));
            case ReplicaDirectoryChanged(var topicId, var partition, var nodeId, var directoryId) ->
                    envelope(
                            RecordType.REPLICA_DIRECTORY_CHANGED,
                            dev.weir.metadata.v1.ReplicaDirectoryChanged.newBuilder()
                                    .setTopicId(bytes(topicId))
                                    .setPartition(partition)
                                    .setNodeId(nodeId)
                                    .setDirectoryId(bytes(directoryId))
                                    .build());
            case ConfigSet(var scope, var key, var value) ->
                    envelope(
                            RecordType.CONFIG_SET,
                            dev.weir.metadata.v1.ConfigSet.newBuilder()
                                    .setScope(ProtoValues.proto(scope))
                                    .setKey(key)
                                    .setValue(value)
                                    .build());
            case ConfigRemoved(var scope, var key) ->
                    envelope(
                            RecordType.CONFIG_REMOVED,
                            dev.weir.metadata.v1.ConfigRemoved.newBuilder()
                                    .setScope(ProtoValues.proto(scope))
                                    .setKey(key)
                                    .build());
            case BrokerRegistered(var registration) ->
                    envelope(RecordType.BROKER_REGISTERED, ProtoValues.proto(registration));
            case BrokerFenced(var nodeId, var number) ->
                    envelope(RecordType.BROKER_FENCED, named(nodeId, number));
            case BrokerUnfenced(var nodeId, var number) ->
                    envelope(RecordType.BROKER_UNFENCED, named(nodeId, number));
            case BrokerShutdownStarted(var nodeId, var number) ->
                    envelope(RecordType.BROKER_SHUTDOWN_STARTED, named(nodeId, number));
            case BrokerRemoved(var nodeId, var number) ->
                    envelope(RecordType.BROKER_REMOVED, named(nodeId, number));
            case DirectoryFailed(var nodeId, var directoryId) ->
                    envelope(
                            RecordType.DIRECTORY_FAILED,
                            DirectoryNamed.newBuilder()
                                    .setNodeId(nodeId)
                                    .setDirectoryId(bytes(directoryId))
                                    .build());
            case DirectoryRestored(var nodeId, var directoryId) ->
                    envelope(
                            RecordType.DIRECTORY_RESTORED,
                            DirectoryNamed.newBuilder()
                                    .setNodeId(nodeId)
                                    .setDirectoryId(bytes(directoryId))
                                    .build());
            case ProducerIdsAllocated(var firstProducerId, var count) ->
                    envelope(
                            RecordType.PRODUCER_IDS_ALLOCATED,
                            dev.weir.metadata.v1.ProducerIdsAllocated.newBuilder()
                                    .setFirstProducerId(firstProducerId)
                                    .setCount(count)
                                    .build());
        };
    }

    /// The record in `envelope`.
    ///
    /// @throws dev.weir.metadata.UnknownRecordException if its type or version is unknown
    /// @throws dev.weir.metadata.MalformedMetadataException if its body is not one of that type
    public static MetadataRecord decode(Envelope envelope) {
        return RecordDecoder.decode(
                RecordType.of(envelope.getType(), envelope.getVersion()), envelope.getBody());
    }

    private static Envelope envelope(RecordType type, MessageLite body) {
        return Envelope.newBuilder()
                .setType(type.id())
                .setVersion(RecordType.VERSION)
                .setBody(body.toByteString())
                .build();
    }

    private static BrokerNamed named(int nodeId, long registrationNumber) {
        return BrokerNamed.newBuilder()
                .setNodeId(nodeId)
                .setRegistrationNumber(registrationNumber)
                .build();
    }
}
