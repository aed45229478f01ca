// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.ProducerStates;

/// How much one partition lets wait.
///
/// @param unansweredProducesMax produces that wait for an acknowledgement
/// @param unansweredPerProducerMax of one producer id
/// @param parkedFetchesMax readers that wait for a record
/// @param lagTimeMaxMs how long a member may be behind before its leader removes it from the ISR,
///   in milliseconds (Kafka's `replica.lag.time.max.ms`)
public record ReplicaLimits(
        int unansweredProducesMax,
        int unansweredPerProducerMax,
        int parkedFetchesMax,
        long lagTimeMaxMs) {

    /// 10 s.
    public static final long LAG_TIME_MAX_MS = 10_000;

    /// 8,192 produces, 5 of one producer, 4,096 readers, 10 s.
    public static final ReplicaLimits DEFAULT =
            new ReplicaLimits(8_192, ProducerStates.BATCHES_MAX, 4_096, LAG_TIME_MAX_MS);

    public ReplicaLimits {
        if (unansweredProducesMax < 1 || unansweredPerProducerMax < 1 || parkedFetchesMax < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
        if (lagTimeMaxMs < 1) {
            throw new IllegalArgumentException("lagTimeMaxMs " + lagTimeMaxMs + " < 1");
        }
    }

    /// The same with another lag time.
    ///
    /// @param maxMs in milliseconds, at least 1
    public ReplicaLimits withLagTime(long maxMs) {
        return new ReplicaLimits(
                unansweredProducesMax, unansweredPerProducerMax, parkedFetchesMax, maxMs);
    }
}
