// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

/// A message and the partition that it is for.
record Addressed(PartitionId partition, ReplicaMessage message) {

    /// About what it holds in memory or in a mapped segment, in bytes.
    int sizeBytes() {
        return switch (message) {
            case ReplicaMessage.Push push -> FrameWriter.MESSAGE_BYTES + push.batches().sizeBytes();
            case ReplicaMessage.Reset reset ->
                    FrameWriter.MESSAGE_BYTES
                            + reset.epochHistory().remaining()
                            + reset.producerStates().remaining();
            case ReplicaMessage.OpenSession _,
                    ReplicaMessage.Ack _,
                    ReplicaMessage.Diverged _,
                    ReplicaMessage.Refused _ ->
                    FrameWriter.MESSAGE_BYTES;
        };
    }

    /// Gives back what it holds.
    void release() {
        if (message instanceof ReplicaMessage.Push push) {
            push.batches().release();
        }
    }
}
