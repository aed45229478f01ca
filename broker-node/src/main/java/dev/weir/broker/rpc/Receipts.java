// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Durability;
import dev.weir.api.v1.Receipt;
import dev.weir.log.PartitionId;

/// Receipts as they go over the wire.
final class Receipts {

    private Receipts() {}

    /// @param atLeastOnce the request carried no sequence
    static Receipt of(
            PartitionId partition,
            dev.weir.broker.partition.core.Receipt receipt,
            boolean atLeastOnce) {
        return Receipt.newBuilder()
                .setTopicId(TopicRefs.bytes(partition.topicId()))
                .setPartition(partition.partition())
                .setBaseOffset(receipt.baseOffset())
                .setRecordCount(receipt.recordCount())
                .setLeaderEpoch(receipt.leaderEpoch())
                .setDurability(level(receipt.durability()))
                .addAllReplicas(receipt.replicas())
                .addAllDurableReplicas(receipt.durableReplicas())
                .setDuplicate(receipt.duplicate())
                .setAtLeastOnce(atLeastOnce)
                .build();
    }

    private static Durability level(dev.weir.broker.partition.core.Durability durability) {
        return switch (durability) {
            case LEADER -> Durability.DURABILITY_LEADER;
            case REPLICATED -> Durability.DURABILITY_REPLICATED;
            case FSYNC -> Durability.DURABILITY_FSYNC;
        };
    }
}
