// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.epoch.LeaderEpochHistory.EpochEnd;

/// How a follower's log relates to its leader's, told from its end and its last epoch alone
/// (KIP-101, KIP-279): never from a high watermark.
sealed interface LogComparison {

    /// All that the follower holds is in the leader's log: it goes on from its end.
    record Same() implements LogComparison {}

    /// They part at or before the end of this epoch.
    record Diverged(int epoch, long endOffset) implements LogComparison {}

    /// What comes next for the follower is not in the leader's log: it begins anew.
    record Apart() implements LogComparison {}

    /// @param log the leader's
    /// @param logEnd its end, exclusive
    /// @param fetchOffset the follower's log end, exclusive
    /// @param lastEpoch epoch of the follower's last batch; -1 if its log is empty: then it holds
    ///   nothing that could differ
    static LogComparison of(LogQuery log, long logEnd, long fetchOffset, int lastEpoch) {
        var logStart = log.logStartOffset();
        if (fetchOffset < logStart) {
            return new Apart();
        }
        if (lastEpoch < 0) {
            return fetchOffset <= logEnd ? new Same() : new Apart();
        }
        var entries = log.epochs().entries();
        if (entries.isEmpty() || lastEpoch < entries.getFirst().leaderEpoch()) {
            return logStart > 0 ? new Apart() : new Diverged(-1, logStart);
        }
        var latest = new EpochEnd(entries.getLast().leaderEpoch(), logEnd);
        var end = log.epochs().endOffsetFor(lastEpoch, logEnd).orElse(latest);
        return end.leaderEpoch() == lastEpoch && fetchOffset <= end.endOffset()
                ? new Same()
                : new Diverged(end.leaderEpoch(), end.endOffset());
    }
}
