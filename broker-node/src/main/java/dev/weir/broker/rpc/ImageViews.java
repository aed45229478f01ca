// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.BrokerDescription;
import dev.weir.api.v1.ControllerActivation;
import dev.weir.api.v1.MetadataImage;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.ScopedConfig;
import dev.weir.api.v1.TopicListing;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicName;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// The image, in the words of the API. Stateless.
final class ImageViews {

    private ImageViews() {}

    static MetadataImage image(ClusterImage image, UUID clusterId) {
        var view =
                MetadataImage.newBuilder()
                        .setClusterId(clusterId.toString())
                        .setFeatureLevel(featureLevel(image))
                        .setNextProducerId(image.nextProducerId())
                        .setActivation(activation(image));
        image.topics().idByName().values().stream()
                .map(id -> image.topics().topic(id).orElseThrow())
                .forEach(topic -> view.addTopics(topic(topic, image)));
        image.brokers().all().forEach(broker -> view.addBrokers(broker(broker)));
        image.configs()
                .byScope()
                .forEach(
                        (scope, values) ->
                                values.forEach(
                                        (name, value) ->
                                                view.addConfigs(
                                                        config(image, scope, name, value))));
        return view.build();
    }

    static int featureLevel(ClusterImage image) {
        return image.features().getOrDefault(FeatureLevelSet.WEIR_VERSION, 0);
    }

    static ControllerActivation activation(ClusterImage image) {
        return ControllerActivation.newBuilder()
                .setTerm(image.activation().term())
                .setActivationId(image.activation().activationId())
                .setLastSequence(image.activation().lastSeq())
                .build();
    }

    static dev.weir.api.v1.TopicImage topic(TopicImage topic, ClusterImage image) {
        return dev.weir.api.v1.TopicImage.newBuilder()
                .setName(topic.name())
                .setId(TopicRefs.bytes(topic.topicId()))
                .addAllPartitions(partitions(topic.partitions(), 0, image))
                .build();
    }

    static TopicListing listing(TopicImage topic) {
        return TopicListing.newBuilder()
                .setName(topic.name())
                .setId(TopicRefs.bytes(topic.topicId()))
                .setPartitions(topic.partitions().size())
                .setReplicationFactor(
                        topic.partitions().isEmpty()
                                ? 0
                                : topic.partitions().getFirst().replicas().size())
                .setInternal(TopicName.isInternal(topic.name()))
                .build();
    }

    /// @param first number of the first of these partitions
    static List<PartitionDescription> partitions(
            List<PartitionState> states, int first, ClusterImage image) {
        var views = new ArrayList<PartitionDescription>(states.size());
        for (int at = 0; at < states.size(); at++) {
            views.add(partition(first + at, states.get(at), image).build());
        }
        return views;
    }

    static PartitionDescription.Builder partition(
            int number, PartitionState state, ClusterImage image) {
        var view =
                PartitionDescription.newBuilder()
                        .setPartition(number)
                        .setLeaderEpoch(state.leaderEpoch())
                        .setPartitionEpoch(state.partitionEpoch())
                        .addAllReplicas(state.replicas())
                        .addAllIsr(state.isr())
                        .addAllElr(state.elr())
                        .addAllRecovering(state.recovering());
        state.leader()
                .ifPresent(
                        leader -> {
                            view.setLeader(leader);
                            image.brokers()
                                    .broker(leader)
                                    .ifPresent(broker -> view.setLeaderAddress(address(broker)));
                        });
        return view;
    }

    static BrokerDescription broker(BrokerState broker) {
        var registration = broker.registration();
        return BrokerDescription.newBuilder()
                .setNodeId(broker.nodeId())
                .setAddress(address(broker))
                .setRack(registration.rack().orElse(""))
                .setFenced(broker.isFenced())
                .setIncarnation(TopicRefs.bytes(broker.incarnation()))
                .addAllDirectoryIds(ids(registration.directories()))
                .setRegistration(registration.registrationNumber())
                .build();
    }

    static ScopedConfig config(ClusterImage image, ConfigScope scope, String name, String value) {
        return ScopedConfig.newBuilder()
                .setScope(scope(image, scope))
                .setName(name)
                .setValue(value)
                .build();
    }

    private static String scope(ClusterImage image, ConfigScope scope) {
        return switch (scope) {
            case ConfigScope.Cluster() -> "cluster";
            case ConfigScope.Broker(var nodeId) -> "broker/" + nodeId;
            case ConfigScope.Topic(var id) ->
                    "topic/" + image.topics().topic(id).map(TopicImage::name).orElse("" + id);
        };
    }

    private static List<ByteString> ids(List<UUID> ids) {
        return ids.stream().map(TopicRefs::bytes).toList();
    }

    private static String address(BrokerState broker) {
        return broker.registration().clientEndpoint().toString();
    }
}
