// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.TopicDescription;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.TopicName;

/// Topics in full: the image's part and, of partitions that this node leads, the log's part.
///
/// @param partitions the node's replicas
/// @param access what callers may do
/// @param configs configuration views
record TopicViews(PartitionRegistry partitions, Access access, ConfigViews configs) {

    /// @throws ApiException as [Access#topic]
    TopicDescription described(ClusterImage image, TopicRef ref, Principal principal) {
        return described(image, access.topic(image, ref, principal, Operation.DESCRIBE));
    }

    TopicDescription described(ClusterImage image, TopicImage topic) {
        var view =
                TopicDescription.newBuilder()
                        .setName(topic.name())
                        .setId(TopicRefs.bytes(topic.topicId()))
                        .setInternal(TopicName.isInternal(topic.name()))
                        .addAllConfigs(configs.ofTopic(image, topic));
        for (int number = 0; number < topic.partitions().size(); number++) {
            var state = topic.partitions().get(number);
            var partition = ImageViews.partition(number, state, image);
            partitions
                    .find(new PartitionId(topic.topicId(), number))
                    .map(replica -> replica.status())
                    .filter(status -> status.leading())
                    .ifPresent(
                            status ->
                                    partition
                                            .setLogStartOffset(status.logStartOffset())
                                            .setHighWatermark(status.highWatermark()));
            view.addPartitions(partition);
        }
        return view.build();
    }
}
