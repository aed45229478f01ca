// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.SequenceCheck;

/// What the log knows of producers: a question, never a change.
@FunctionalInterface
public interface ProducerQuery {

    /// Judges a sequenced batch against the batches that are in the log.
    ///
    /// @param nowMs wall time, milliseconds since the Unix epoch
    SequenceCheck check(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs);
}
