// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Durability;
import dev.weir.api.v1.Receipt;
import dev.weir.metadata.image.TopicImage;

import java.util.List;

/// Receipts as they go over the wire.
final class Receipts {

    private Receipts() {}

    /// @param atLeastOnce the request carried no sequence
    static List<Receipt> of(
            TopicImage topic,
            int partition,
            dev.weir.broker.partition.core.Receipt receipt,
            boolean atLeastOnce) {
        return List.of(
                Receipt.newBuilder()
                        .setTopicId(TopicRefs.bytes(topic.topicId()))
                        .setPartition(partition)
                        .setBaseOffset(receipt.baseOffset())
                        .setRecordCount(receipt.recordCount())
                        .setLeaderEpoch(receipt.leaderEpoch())
                        .setDurability(level(receipt.durability()))
                        .addAllReplicas(receipt.replicas())
                        .addAllDurableReplicas(receipt.durableReplicas())
                        .setDuplicate(receipt.duplicate())
                        .setAtLeastOnce(atLeastOnce)
                        .build());
    }

    private static Durability level(dev.weir.broker.partition.core.Durability durability) {
        return switch (durability) {
            case LEADER -> Durability.DURABILITY_LEADER;
            case REPLICATED -> Durability.DURABILITY_REPLICATED;
            case FSYNC -> Durability.DURABILITY_FSYNC;
        };
    }
}
