// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.SequenceCheck;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// One node of a [ReplicaGroup]: a log in memory, what of it is durable, and the replica over it.
final class GroupNode implements LogQuery {

    /// A record, which is a batch of its own.
    record Rec(int epoch, int id) {}

    /// Records on their way to a follower.
    record Pushed(List<Rec> records) implements PushedBatches {

        @Override
        public ByteBuffer buffer() {
            return ByteBuffer.allocate(0);
        }

        @Override
        public int sizeBytes() {
            return records.size();
        }

        @Override
        public void release() {
            // Nothing is counted here.
        }
    }

    /// What is being pushed to a follower.
    static final class Feeding {
        final ReplicaEffect.Feed feed;
        final int leaderEpoch;
        long next;
        boolean begun;

        Feeding(ReplicaEffect.Feed feed, int leaderEpoch) {
            this.feed = feed;
            this.leaderEpoch = leaderEpoch;
            this.next = feed.fromOffset();
        }
    }

    final int id;

    // The disk.
    long start;
    final ArrayList<Rec> records = new ArrayList<>();
    LeaderEpochHistory epochs = LeaderEpochHistory.empty();
    long durable;
    long savedHighWatermark;

    // The process.
    boolean up;
    UUID incarnation = new UUID(0, 0);
    @Nullable PartitionReplica replica;
    final Map<Integer, Feeding> feeds = new TreeMap<>();
    int generation;
    boolean flushing;
    boolean cutting;
    boolean registered;
    int imageVersion;

    GroupNode(int id) {
        this.id = id;
    }

    long end() {
        return start + records.size();
    }

    Rec at(long offset) {
        return records.get(Math.toIntExact(offset - start));
    }

    boolean holds(long offset, int recordId) {
        return offset < start || (offset < end() && at(offset).id() == recordId);
    }

    void append(Rec rec) {
        epochs = epochs.assign(rec.epoch(), end());
        records.add(rec);
    }

    void truncate(long offset) {
        generation++;
        records.subList(Math.toIntExact(offset - start), records.size()).clear();
        epochs = epochs.truncateFromEnd(offset);
        durable = Math.min(durable, offset);
        savedHighWatermark = Math.min(savedHighWatermark, offset);
    }

    void reset(long newStart, LeaderEpochHistory history) {
        generation++;
        records.clear();
        start = newStart;
        durable = newStart;
        epochs = history;
        savedHighWatermark = newStart;
    }

    void raiseStart(long newStart) {
        records.subList(0, Math.toIntExact(newStart - start)).clear();
        start = newStart;
    }

    PartitionReplica replica() {
        var running = replica;
        if (running == null) {
            throw new AssertionError("node " + id + " is down");
        }
        return running;
    }

    @Override
    public SequenceCheck check(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        return new SequenceCheck.InOrder();
    }

    @Override
    public long logStartOffset() {
        return start;
    }

    @Override
    public int latestEpoch() {
        return epochs.latestEpoch().orElse(-1);
    }

    @Override
    public LeaderEpochHistory epochs() {
        return epochs;
    }

    @Override
    public ResetPoint resetPoint() {
        return new ResetPoint(
                start,
                ByteBuffer.wrap(epochs.truncateFromEnd(start).encode()),
                ByteBuffer.wrap(new byte[0]));
    }
}
