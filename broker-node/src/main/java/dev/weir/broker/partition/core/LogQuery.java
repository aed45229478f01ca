// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.epoch.LeaderEpochHistory;

/// What the replica asks of its log: questions, never a change. Answered as of everything appended.
public interface LogQuery extends ProducerQuery {

    /// First offset that is kept.
    long logStartOffset();

    /// Epoch of the last batch, -1 if there never was one.
    int latestEpoch();

    /// Which epoch wrote which offsets.
    LeaderEpochHistory epochs();

    /// Where a follower begins that has nothing in common with this log.
    ResetPoint resetPoint();
}
