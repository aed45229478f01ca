// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.ProducerStates;

/// How much one partition lets wait.
///
/// @param unansweredProducesMax produces that wait for an acknowledgement
/// @param unansweredPerProducerMax of one producer id
/// @param parkedFetchesMax readers that wait for a record
public record ReplicaLimits(
        int unansweredProducesMax, int unansweredPerProducerMax, int parkedFetchesMax) {

    /// 8,192 produces, 5 of one producer, 4,096 readers.
    public static final ReplicaLimits DEFAULT =
            new ReplicaLimits(8_192, ProducerStates.BATCHES_MAX, 4_096);

    public ReplicaLimits {
        if (unansweredProducesMax < 1 || unansweredPerProducerMax < 1 || parkedFetchesMax < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
    }
}
