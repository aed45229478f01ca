// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// The three ends of this replica's log, all exclusive.
///
/// **Invariant:** `durable <= appended <= assigned`. They fall only when an append was refused
/// (`assigned`) or the log was cut.
///
/// Owned by the replica; not thread-safe.
final class LogEnds {

    /// What is in the log.
    private long appended;

    /// What has an offset: above `appended` while a leader's appends are under way.
    private long assigned;

    /// What flushes prove.
    private long durable;

    LogEnds(LogState log) {
        appended = log.logEndOffset();
        assigned = appended;
        durable = log.durableEndOffset();
    }

    long appended() {
        return appended;
    }

    long durable() {
        return durable;
    }

    /// The end that counts for a topic's durability.
    long counted(Durability durability) {
        return durability == Durability.FSYNC ? durable : appended;
    }

    boolean isAppendUnderWay() {
        return assigned > appended;
    }

    boolean isFlushed() {
        return durable >= appended;
    }

    /// Gives offsets to the records of a batch.
    ///
    /// @return offset of the first
    long assign(int recordCount) {
        var baseOffset = assigned;
        assigned = baseOffset + recordCount;
        return baseOffset;
    }

    /// What was assigned is in the log.
    void appendedAssigned(long endOffset) {
        check(endOffset == assigned, "appended end is not the one assigned", endOffset);
        appended = endOffset;
    }

    /// A leader's batches are in the log.
    void appendedReplicated(long endOffset) {
        check(endOffset > appended, "a replicated append did not move the log end", endOffset);
        appended = endOffset;
        assigned = endOffset;
    }

    /// What was assigned and is not in the log never will be.
    void appendRefused() {
        assigned = appended;
    }

    /// A flush proved this much.
    ///
    /// @return `true` if that is more than before
    boolean flushed(long durableEndOffset) {
        check(durableEndOffset <= appended, "flushed more than appended", durableEndOffset);
        if (durableEndOffset <= durable) {
            return false;
        }
        durable = durableEndOffset;
        return true;
    }

    /// The log was cut.
    void truncated(long endOffset) {
        check(endOffset <= appended, "a truncation moved the log end up", endOffset);
        appended = endOffset;
        assigned = endOffset;
        durable = Math.min(durable, endOffset);
    }

    /// The log is empty and begins here.
    void reset(long startOffset) {
        appended = startOffset;
        assigned = startOffset;
        durable = startOffset;
    }

    /// @throws IllegalStateException if the invariant does not hold
    void check(long highWatermark) {
        check(durable <= appended, "durable end above log end", durable);
        check(appended <= assigned, "log end above what was assigned", appended);
        check(highWatermark <= appended, "high watermark above log end", highWatermark);
    }

    static void check(boolean holds, String broken, long actual) {
        if (!holds) {
            throw new IllegalStateException(broken + ": " + actual);
        }
    }
}
