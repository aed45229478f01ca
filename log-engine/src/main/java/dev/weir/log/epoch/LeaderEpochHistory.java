// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.epoch;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The leader epochs that wrote into a log, each with the offset of its first record.
///
/// A follower compares its history with its leader's to find where the two logs part (KIP-101,
/// KIP-279), so truncation never needs a high watermark.
///
/// **Invariant:** epochs and start offsets both rise strictly. An epoch that wrote nothing is not
/// in it: the next epoch assigned at the same offset replaces it.
///
/// @param entries oldest epoch first; at most [#ENTRIES_MAX]
public record LeaderEpochHistory(List<Entry> entries) {

    /// Most entries of one history. Each costs an election that wrote, so it bounds decoding only.
    public static final int ENTRIES_MAX = 1 << 20;

    private static final int ENTRY_BYTES = Integer.BYTES + Long.BYTES;
    private static final LeaderEpochHistory EMPTY = new LeaderEpochHistory(List.of());

    /// An epoch and where it begins.
    ///
    /// @param leaderEpoch from 0
    /// @param startOffset offset of the first record that this epoch wrote
    public record Entry(int leaderEpoch, long startOffset) {

        /// Refuses negative numbers.
        public Entry {
            if (leaderEpoch < 0 || startOffset < 0) {
                throw new IllegalArgumentException(
                        "leaderEpoch " + leaderEpoch + ", startOffset " + startOffset);
            }
        }
    }

    /// Where an epoch ends in this log.
    ///
    /// @param leaderEpoch the asked epoch, or the largest below it that this log holds
    /// @param endOffset exclusive
    public record EpochEnd(int leaderEpoch, long endOffset) {}

    /// Refuses entries that do not rise.
    public LeaderEpochHistory {
        entries = List.copyOf(entries);
        if (entries.size() > ENTRIES_MAX) {
            throw new IllegalArgumentException(entries.size() + " entries > " + ENTRIES_MAX);
        }
        for (var i = 1; i < entries.size(); i++) {
            var before = entries.get(i - 1);
            var entry = entries.get(i);
            if (entry.leaderEpoch() <= before.leaderEpoch()
                    || entry.startOffset() <= before.startOffset()) {
                throw new IllegalArgumentException(entry + " does not follow " + before);
            }
        }
    }

    /// The history of a log that no epoch wrote into.
    public static LeaderEpochHistory empty() {
        return EMPTY;
    }

    /// The newest epoch that wrote into the log.
    public OptionalInt latestEpoch() {
        return entries.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(entries.getLast().leaderEpoch());
    }

    /// The history once this epoch has written a record at this offset.
    ///
    /// @param leaderEpoch at least the latest one; the latest one changes nothing
    /// @param startOffset the log end before the record; at least the latest start offset
    /// @throws IllegalArgumentException for an epoch or an offset that falls
    public LeaderEpochHistory assign(int leaderEpoch, long startOffset) {
        if (entries.isEmpty()) {
            return new LeaderEpochHistory(List.of(new Entry(leaderEpoch, startOffset)));
        }
        var latest = entries.getLast();
        if (leaderEpoch < latest.leaderEpoch() || startOffset < latest.startOffset()) {
            throw new IllegalArgumentException(
                    "epoch " + leaderEpoch + " at " + startOffset + " after " + latest);
        }
        if (leaderEpoch == latest.leaderEpoch()) {
            return this;
        }
        var next = new ArrayList<>(entries);
        if (startOffset == latest.startOffset()) {
            // The older epoch wrote nothing that is left.
            next.removeLast();
        }
        next.add(new Entry(leaderEpoch, startOffset));
        return new LeaderEpochHistory(next);
    }

    /// Where the asked epoch ends in this log: the answer to a follower that holds records of it.
    ///
    /// | asked epoch | answer |
    /// |---|---|
    /// | the latest | (asked, log end) |
    /// | above the latest, or nothing written yet | empty: this log cannot say |
    /// | below the oldest | (asked, start of the oldest) |
    /// | otherwise | (largest epoch <= asked, start of the next one) |
    ///
    /// @param logEndOffset exclusive end of this log
    public Optional<EpochEnd> endOffsetFor(int leaderEpoch, long logEndOffset) {
        if (entries.isEmpty() || leaderEpoch > entries.getLast().leaderEpoch()) {
            return Optional.empty();
        }
        if (leaderEpoch == entries.getLast().leaderEpoch()) {
            return Optional.of(new EpochEnd(leaderEpoch, logEndOffset));
        }
        var next = 0;
        while (entries.get(next).leaderEpoch() <= leaderEpoch) {
            next++;
        }
        var epoch = next == 0 ? leaderEpoch : entries.get(next - 1).leaderEpoch();
        return Optional.of(new EpochEnd(epoch, entries.get(next).startOffset()));
    }

    /// The history of the log cut to this end: epochs that begin at or above it are gone.
    ///
    /// @param endOffset the new log end, exclusive
    public LeaderEpochHistory truncateFromEnd(long endOffset) {
        var kept = entries.stream().filter(entry -> entry.startOffset() < endOffset).toList();
        return kept.size() == entries.size() ? this : new LeaderEpochHistory(kept);
    }

    /// The persisted form: count (int32), then per entry epoch (int32) and start offset (int64),
    /// big-endian. Whoever stores it adds a checksum.
    public byte[] encode() {
        var buffer = ByteBuffer.allocate(Integer.BYTES + entries.size() * ENTRY_BYTES);
        buffer.putInt(entries.size());
        for (var entry : entries) {
            buffer.putInt(entry.leaderEpoch()).putLong(entry.startOffset());
        }
        return buffer.array();
    }

    /// Reads the persisted form from a buffer's position on, and moves the position behind it.
    ///
    /// @throws IllegalArgumentException if the bytes are no history
    public static LeaderEpochHistory decode(ByteBuffer buffer) {
        try {
            var count = buffer.getInt();
            if (count < 0 || count > ENTRIES_MAX || count > buffer.remaining() / ENTRY_BYTES) {
                throw new IllegalArgumentException("epoch count " + count);
            }
            var entries = new ArrayList<Entry>(count);
            for (var i = 0; i < count; i++) {
                entries.add(new Entry(buffer.getInt(), buffer.getLong()));
            }
            return new LeaderEpochHistory(entries);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("epoch history cut short", e);
        }
    }
}
