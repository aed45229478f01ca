// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import static dev.weir.metadata.record.ProtoValues.id;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;

import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.v1.BrokerNamed;
import dev.weir.metadata.v1.DirectoryNamed;

/// Bodies of known types to records.
final class RecordDecoder {

    private RecordDecoder() {}

    static MetadataRecord decode(RecordType type, ByteString body) {
        try {
            return switch (type) {
                case CONTROLLER_ACTIVATED -> {
                    var proto = parse(dev.weir.metadata.v1.ControllerActivated.parser(), body);
                    yield new ControllerActivated(proto.getTerm(), proto.getActivationId());
                }
                case FEATURE_LEVEL_SET -> {
                    var proto = parse(dev.weir.metadata.v1.FeatureLevelSet.parser(), body);
                    yield new FeatureLevelSet(proto.getFeature(), proto.getLevel());
                }
                case TOPIC_CREATED -> {
                    var proto = parse(dev.weir.metadata.v1.TopicCreated.parser(), body);
                    yield new TopicCreated(id(proto.getTopicId()), proto.getName());
                }
                case TOPIC_DELETED ->
                        new TopicDeleted(
                                id(
                                        parse(dev.weir.metadata.v1.TopicDeleted.parser(), body)
                                                .getTopicId()));
                case PARTITION_CREATED ->
                        ProtoValues.record(
                                parse(dev.weir.metadata.v1.PartitionCreated.parser(), body));
                case PARTITION_CHANGED ->
                        ProtoValues.record(
                                parse(dev.weir.metadata.v1.PartitionChanged.parser(), body));
                case REPLICA_DIRECTORY_CHANGED -> replicaDirectoryChanged(body);
                case CONFIG_SET -> {
                    var proto = parse(dev.weir.metadata.v1.ConfigSet.parser(), body);
                    yield new ConfigSet(
                            ProtoValues.scope(proto.getScope()), proto.getKey(), proto.getValue());
                }
                case CONFIG_REMOVED -> {
                    var proto = parse(dev.weir.metadata.v1.ConfigRemoved.parser(), body);
                    yield new ConfigRemoved(ProtoValues.scope(proto.getScope()), proto.getKey());
                }
                case BROKER_REGISTERED ->
                        ProtoValues.record(
                                parse(dev.weir.metadata.v1.BrokerRegistered.parser(), body));
                case BROKER_FENCED, BROKER_UNFENCED, BROKER_SHUTDOWN_STARTED, BROKER_REMOVED ->
                        brokerNamed(type, parse(BrokerNamed.parser(), body));
                case DIRECTORY_FAILED -> {
                    var proto = parse(DirectoryNamed.parser(), body);
                    yield new DirectoryFailed(proto.getNodeId(), id(proto.getDirectoryId()));
                }
                case DIRECTORY_RESTORED -> {
                    var proto = parse(DirectoryNamed.parser(), body);
                    yield new DirectoryRestored(proto.getNodeId(), id(proto.getDirectoryId()));
                }
                case PRODUCER_IDS_ALLOCATED -> {
                    var proto = parse(dev.weir.metadata.v1.ProducerIdsAllocated.parser(), body);
                    yield new ProducerIdsAllocated(proto.getFirstProducerId(), proto.getCount());
                }
            };
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new MalformedMetadataException(type + ": " + e.getMessage(), e);
        }
    }

    private static ReplicaDirectoryChanged replicaDirectoryChanged(ByteString body) {
        var proto = parse(dev.weir.metadata.v1.ReplicaDirectoryChanged.parser(), body);
        return new ReplicaDirectoryChanged(
                id(proto.getTopicId()),
                proto.getPartition(),
                proto.getNodeId(),
                id(proto.getDirectoryId()));
    }

    private static MetadataRecord brokerNamed(RecordType type, BrokerNamed proto) {
        var nodeId = proto.getNodeId();
        var number = proto.getRegistrationNumber();
        return switch (type) {
            case BROKER_FENCED -> new BrokerFenced(nodeId, number);
            case BROKER_UNFENCED -> new BrokerUnfenced(nodeId, number);
            case BROKER_SHUTDOWN_STARTED -> new BrokerShutdownStarted(nodeId, number);
            case BROKER_REMOVED -> new BrokerRemoved(nodeId, number);
            case CONTROLLER_ACTIVATED,
                    FEATURE_LEVEL_SET,
                    TOPIC_CREATED,
                    TOPIC_DELETED,
                    PARTITION_CREATED,
                    PARTITION_CHANGED,
                    REPLICA_DIRECTORY_CHANGED,
                    CONFIG_SET,
                    CONFIG_REMOVED,
                    BROKER_REGISTERED,
                    DIRECTORY_FAILED,
                    DIRECTORY_RESTORED,
                    PRODUCER_IDS_ALLOCATED ->
                    throw new IllegalStateException(type + " does not only name a broker");
        };
    }

    /// Fields that this build does not know mean that the writer changed a version without saying
    /// so; dropping them would let replicas differ.
    private static <T extends Message> T parse(Parser<T> parser, ByteString body) {
        try {
            var message = parser.parseFrom(body);
            if (!message.getUnknownFields().asMap().isEmpty()) {
                throw new MalformedMetadataException(
                        message.getDescriptorForType().getName() + " has unknown fields");
            }
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedMetadataException("a record body is torn", e);
        }
    }
}
