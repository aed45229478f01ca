// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.Compression;

import java.time.Duration;

/// How a producer sends. Begin with [#DEFAULT].
///
/// @param acks when a record counts as delivered
/// @param idempotent whether retries are recognised by the server, so that none stores twice or out
///   of order; without it delivery is at least once. Must be `false` with [Acks#NONE].
/// @param compression codec of the batches
/// @param linger how long a batch waits for more records
/// @param batchBytes size at which a batch is sent without lingering, header included,
///   uncompressed; at most [#MAX_BATCH_BYTES]. A larger record gets a batch of its own.
/// @param memoryBytes all buffers of records not yet answered
/// @param maxBlock how long sending may wait for memory or for a topic's metadata
/// @param deliveryTimeout from sending to the answer, all retries included
public record ProducerConfig(
        Acks acks,
        boolean idempotent,
        Compression compression,
        Duration linger,
        int batchBytes,
        long memoryBytes,
        Duration maxBlock,
        Duration deliveryTimeout) {

    /// Largest batch that the protocol carries, in bytes.
    public static final int MAX_BATCH_BYTES = 1024 * 1024 - 4 * 1024;

    /// All, idempotent, uncompressed, 5 ms, 256 KiB, 32 MiB, 60 s, 2 min.
    public static final ProducerConfig DEFAULT =
            new ProducerConfig(
                    Acks.ALL,
                    true,
                    Compression.NONE,
                    Duration.ofMillis(5),
                    256 * 1024,
                    32L * 1024 * 1024,
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(2));

    /// Refuses values that contradict each other.
    public ProducerConfig {
        if (batchBytes < 1024 || batchBytes > MAX_BATCH_BYTES) {
            throw new IllegalArgumentException(
                    "batchBytes " + batchBytes + " is not in 1024.." + MAX_BATCH_BYTES);
        }
        if (memoryBytes < MAX_BATCH_BYTES) {
            throw new IllegalArgumentException(
                    "memoryBytes " + memoryBytes + " < " + MAX_BATCH_BYTES);
        }
        if (idempotent && acks == Acks.NONE) {
            throw new IllegalArgumentException("acks=none is never idempotent");
        }
        if (linger.isNegative()
                || maxBlock.isNegative()
                || deliveryTimeout.compareTo(linger) <= 0) {
            throw new IllegalArgumentException(
                    "deliveryTimeout must be longer than linger, nothing negative");
        }
    }

    /// The same with other acks; idempotent unless they are [Acks#NONE].
    public ProducerConfig withAcks(Acks newAcks) {
        return new ProducerConfig(
                newAcks,
                newAcks != Acks.NONE,
                compression,
                linger,
                batchBytes,
                memoryBytes,
                maxBlock,
                deliveryTimeout);
    }

    /// The same with or without duplicate detection.
    public ProducerConfig withIdempotence(boolean newIdempotent) {
        return new ProducerConfig(
                acks,
                newIdempotent,
                compression,
                linger,
                batchBytes,
                memoryBytes,
                maxBlock,
                deliveryTimeout);
    }

    /// The same with another codec.
    public ProducerConfig withCompression(Compression newCompression) {
        return new ProducerConfig(
                acks,
                idempotent,
                newCompression,
                linger,
                batchBytes,
                memoryBytes,
                maxBlock,
                deliveryTimeout);
    }

    /// The same with another batch size and linger time.
    public ProducerConfig withBatching(int newBatchBytes, Duration newLinger) {
        return new ProducerConfig(
                acks,
                idempotent,
                compression,
                newLinger,
                newBatchBytes,
                memoryBytes,
                maxBlock,
                deliveryTimeout);
    }

    /// The same with another memory bound and time to wait for it.
    public ProducerConfig withMemory(long newMemoryBytes, Duration newMaxBlock) {
        return new ProducerConfig(
                acks,
                idempotent,
                compression,
                linger,
                batchBytes,
                newMemoryBytes,
                newMaxBlock,
                deliveryTimeout);
    }

    /// The same with another delivery timeout.
    public ProducerConfig withDeliveryTimeout(Duration newDeliveryTimeout) {
        return new ProducerConfig(
                acks,
                idempotent,
                compression,
                linger,
                batchBytes,
                memoryBytes,
                maxBlock,
                newDeliveryTimeout);
    }
}
