// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.log.PartitionId;

import java.util.OptionalInt;

/// One partition's replica on this node.
///
/// **Threading:** every method may be called by any thread and none blocks. On a gRPC event loop
/// the work is done inline when the partition is idle; elsewhere it is queued.
public interface Partition {

    /// Which partition this is.
    PartitionId id();

    /// Appends a batch and answers under its acks rule. The batch is checked, CRC included, on the
    /// calling thread before anything is queued; a full queue answers `Overloaded`.
    void produce(ProduceCommand command, ProduceListener listener);

    /// Reads committed records. Data in memory is answered before this returns, on the calling
    /// thread; cold data by a reader thread; what waits, when something is committed.
    PendingFetch fetch(FetchCommand command, FetchListener listener);

    /// Answers where a position is.
    ///
    /// @param leaderEpoch highest leader epoch the asker has seen; a lower leader refuses
    void listOffsets(
            OffsetQuestion question, OptionalInt leaderEpoch, ListOffsetsListener listener);

    /// The last published state. May lag the owner by the current turn.
    PartitionStatus status();
}
