// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.TopicCreated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The records that lead from the empty image to a given one, in a fixed order.
///
/// Features, brokers (by registration number, as replaying demands), topics with their partitions,
/// configuration. Offset, activation, next producer id and last registration number are not
/// records: a snapshot has them in its header.
final class ImageRecords {

    private ImageRecords() {}

    static List<MetadataRecord> of(ClusterImage image) {
        var records = new ArrayList<MetadataRecord>();
        image.features()
                .forEach((feature, level) -> records.add(new FeatureLevelSet(feature, level)));
        image.brokers().all().stream()
                .sorted(Comparator.comparingLong(b -> b.registration().registrationNumber()))
                .forEach(broker -> addBroker(broker, records));
        image.topics().all().forEach(topic -> addTopic(topic, records));
        image.configs()
                .byScope()
                .forEach(
                        (scope, values) ->
                                values.forEach(
                                        (key, value) ->
                                                records.add(new ConfigSet(scope, key, value))));
        return records;
    }

    private static void addBroker(BrokerState broker, List<MetadataRecord> records) {
        var number = broker.registration().registrationNumber();
        records.add(new BrokerRegistered(broker.registration()));
        if (!broker.isFenced()) {
            records.add(new BrokerUnfenced(broker.nodeId(), number));
        }
        if (broker.isShuttingDown()) {
            records.add(new BrokerShutdownStarted(broker.nodeId(), number));
        }
        for (var directory : broker.failedDirectories()) {
            records.add(new DirectoryFailed(broker.nodeId(), directory));
        }
    }

    private static void addTopic(TopicImage topic, List<MetadataRecord> records) {
        records.add(new TopicCreated(topic.topicId(), topic.name()));
        for (var partition = 0; partition < topic.partitions().size(); partition++) {
            records.add(
                    new PartitionCreated(
                            topic.topicId(), partition, topic.partitions().get(partition)));
        }
    }
}
