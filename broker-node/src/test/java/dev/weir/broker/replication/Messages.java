// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.SessionId;
import dev.weir.log.PartitionId;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// Messages as replicas send them.
final class Messages {

    static final PartitionId PARTITION = new PartitionId(new UUID(3, -4), 5);
    static final SessionId SESSION = new SessionId(new UUID(-7, 8), 9);

    private Messages() {}

    static ReplicaMessage.OpenSession open(Lane lane) {
        return new ReplicaMessage.OpenSession(SESSION, 2, new UUID(10, -11), lane, 12, -1);
    }

    static ReplicaMessage.Ack ack(long end) {
        return new ReplicaMessage.Ack(SESSION, 2, end, end - 1, end - 2);
    }

    static ReplicaMessage.Push push(long baseOffset, PushedBatches batches) {
        return new ReplicaMessage.Push(SESSION, 2, baseOffset, batches, 14, 15);
    }

    /// Bytes in memory outside of the heap, as a mapped segment's, that count their releases.
    static final class Bytes implements PushedBatches {

        final AtomicInteger releases = new AtomicInteger();
        private final ByteBuffer bytes;

        Bytes(int size, int seed) {
            bytes = ByteBuffer.allocateDirect(size);
            for (var i = 0; i < size; i++) {
                bytes.put(i, (byte) (seed + i));
            }
        }

        @Override
        public ByteBuffer buffer() {
            return bytes.asReadOnlyBuffer();
        }

        @Override
        public int sizeBytes() {
            return bytes.remaining();
        }

        @Override
        public void release() {
            releases.incrementAndGet();
        }
    }
}
