// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.MetadataChange;
import dev.weir.api.v1.MetadataDelta;
import dev.weir.api.v1.PartitionChange;
import dev.weir.api.v1.ScopedConfig;
import dev.weir.api.v1.TopicListing;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.ConfigRemoved;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.ControllerActivated;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.ProducerIdsAllocated;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;

/// One change of the image, in the words of the API. Stateless.
final class DeltaViews {

    private DeltaViews() {}

    /// @param image the image after the change
    /// @param appliedAtMs wall time, milliseconds since the Unix epoch
    static MetadataDelta delta(ClusterImage image, ImageDelta delta, long appliedAtMs) {
        var view = MetadataDelta.newBuilder().setAppliedAtMs(appliedAtMs);
        delta.deletedTopics()
                .forEach(
                        (id, name) ->
                                view.addChanges(
                                        change().setTopicDeleted(
                                                        TopicListing.newBuilder()
                                                                .setName(name)
                                                                .setId(TopicRefs.bytes(id)))));
        for (var id : delta.createdTopics()) {
            image.topics()
                    .topic(id)
                    .map(topic -> change().setTopicCreated(ImageViews.topic(topic, image)))
                    .ifPresent(view::addChanges);
        }
        for (var partition : delta.changedPartitions()) {
            if (!delta.createdTopics().contains(partition.topicId())) {
                changed(image, partition).ifPresent(view::addChanges);
            }
        }
        for (int nodeId : delta.changedBrokers()) {
            view.addChanges(
                    image.brokers()
                            .broker(nodeId)
                            .map(b -> change().setBrokerChanged(ImageViews.broker(b)))
                            .orElseGet(() -> change().setBrokerRemoved(nodeId)));
        }
        delta.records().forEach(change -> fromRecord(image, change).ifPresent(view::addChanges));
        if (delta.featuresChanged()) {
            view.addChanges(change().setFeatureLevelChanged(ImageViews.featureLevel(image)));
        }
        return view.build();
    }

    private static Optional<MetadataChange.Builder> changed(
            ClusterImage image, TopicPartition partition) {
        return image.topics()
                .topic(partition.topicId())
                .filter(topic -> partition.partition() < topic.partitions().size())
                .map(
                        topic ->
                                change().setPartitionChanged(
                                                PartitionChange.newBuilder()
                                                        .setTopic(topic.name())
                                                        .setTopicId(
                                                                TopicRefs.bytes(topic.topicId()))
                                                        .setPartition(
                                                                ImageViews.partition(
                                                                        partition.partition(),
                                                                        topic.partitions()
                                                                                .get(
                                                                                        partition
                                                                                                .partition()),
                                                                        image))));
    }

    /// What the delta's sets do not say in full.
    private static Optional<MetadataChange.Builder> fromRecord(
            ClusterImage image, MetadataRecord change) {
        return switch (change) {
            case ConfigSet(var scope, var key, var value) ->
                    config(ImageViews.config(image, scope, key, value));
            case ConfigRemoved(var scope, var key) ->
                    config(ImageViews.config(image, scope, key, ""));
            case ControllerActivated _ ->
                    Optional.of(change().setControllerActivated(ImageViews.activation(image)));
            case ProducerIdsAllocated _ ->
                    Optional.of(change().setProducerIdsAllocatedUpTo(image.nextProducerId()));
            default -> Optional.empty();
        };
    }

    private static Optional<MetadataChange.Builder> config(ScopedConfig config) {
        return Optional.of(change().setConfigChanged(config));
    }

    private static MetadataChange.Builder change() {
        return MetadataChange.newBuilder();
    }
}
