// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.producer.ProducerStates;

/// The limits that callers are held to and told about.
///
/// @param batchBytesMax largest record batch, in bytes
/// @param messageBytesMax largest gRPC message, in bytes
/// @param produceCreditBytes what a produce stream may send before its first answer
/// @param streamIdleMs silence after which a stream ends
/// @param subscriptionsMax subscriptions of one fetch stream
/// @param fetchCreditBytesMax outstanding credit of one fetch stream
/// @param requestPartitionsMax partitions that one request may create or name
/// @param readBytesMax largest answer of a unary read, in bytes of keys, values and headers
public record ApiLimits(
        int batchBytesMax,
        int messageBytesMax,
        long produceCreditBytes,
        long streamIdleMs,
        int subscriptionsMax,
        long fetchCreditBytesMax,
        int requestPartitionsMax,
        int readBytesMax) {

    /// Unanswered batches of one producer in one partition that duplicate detection covers.
    public static final int IN_FLIGHT_BATCHES_MAX = ProducerStates.BATCHES_MAX;

    /// The same for other nodes' forwarded streams, whose credit both sides know.
    ApiLimits forForwarding(long creditBytes) {
        return new ApiLimits(
                batchBytesMax,
                messageBytesMax,
                creditBytes,
                streamIdleMs,
                subscriptionsMax,
                fetchCreditBytesMax,
                requestPartitionsMax,
                readBytesMax);
    }

    /// How long a produce waits for its acknowledgement, in milliseconds.
    public static final long ACK_TIMEOUT_MS = 30_000;

    /// Unanswered requests of one produce stream; beyond it the stream is not read.
    static final int UNANSWERED_MAX = 1024;

    /// Requests in line for the threads that encode and decode structured records.
    static final int WORKER_QUEUE_MAX = 1024;
}
