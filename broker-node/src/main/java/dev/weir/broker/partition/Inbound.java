// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;

/// The check of what other replicas send, on the thread that received it: header and CRC of every
/// batch, and that they follow each other. Records are not walked; the leader did that.
final class Inbound {

    private Inbound() {}

    /// @param batchBytesMax largest batch that a leader takes
    static boolean isSound(ReplicaMessage message, int batchBytesMax) {
        return switch (message) {
            case ReplicaMessage.Push push -> isSound(push, batchBytesMax);
            case ReplicaMessage.Reset reset -> LogCut.isSound(reset);
            case ReplicaMessage.OpenSession _,
                    ReplicaMessage.Ack _,
                    ReplicaMessage.Diverged _,
                    ReplicaMessage.Refused _ ->
                    true;
        };
    }

    private static boolean isSound(ReplicaMessage.Push push, int batchBytesMax) {
        var bytes = push.batches().buffer();
        var next = push.baseOffset();
        var epoch = 0;
        for (var at = bytes.position(); at < bytes.limit(); ) {
            var check = BatchValidator.checkStored(bytes, at, batchBytesMax);
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
