// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;

/// The check of what other replicas send, on the thread that received it: header and CRC of every
/// batch, and that they follow each other. Records are not walked; the leader did that.
final class Inbound {

    private Inbound() {}

    /// Batches may be larger than this node takes from clients: what the partition has was taken by
    /// nodes that are, or were, set otherwise.
    static boolean isSound(ReplicaMessage message) {
        return switch (message) {
            case ReplicaMessage.Push push -> isSound(push);
            case ReplicaMessage.Reset reset -> LogCut.isSound(reset);
            case ReplicaMessage.OpenSession _,
                    ReplicaMessage.Ack _,
                    ReplicaMessage.Diverged _,
                    ReplicaMessage.Refused _ ->
                    true;
        };
    }

    private static boolean isSound(ReplicaMessage.Push push) {
        var bytes = push.batches().buffer();
        var next = push.baseOffset();
        var epoch = 0;
        for (var at = bytes.position(); at < bytes.limit(); ) {
            var check = BatchValidator.checkStored(bytes, at, PartitionServices.BATCH_BYTES_MAX);
            if (!(check instanceof BatchCheck.Valid(var batch))
                    || batch.baseOffset() < next
                    || batch.leaderEpoch() < epoch
                    || batch.leaderEpoch() > push.leaderEpoch()) {
                return false;
            }
            next = batch.nextOffset();
            epoch = batch.leaderEpoch();
            at += batch.sizeBytes();
        }
        return true;
    }
}
