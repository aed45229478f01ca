// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.StartPosition;
import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchListener;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PendingFetch;
import dev.weir.log.PartitionId;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;

/// One subscription of a fetch stream: a reading position, and who serves it. That is a replica
/// here, with at most one fetch under way, or another node's stream ([AwayFetches]), or nobody
/// while the leader is looked for.
///
/// **Threading:** owned by the stream's turns.
final class FetchSubscription {

    private final int id;
    private final Place place;
    private final StartPosition start;
    private final int bytesMax;
    private int epochSeen;
    private long nextOffset;
    private boolean started;
    private boolean ended;
    private @Nullable Partition replica;
    private @Nullable PendingFetch pending;

    /// What is read.
    ///
    /// @param topic its name, for messages
    record Place(String topic, PartitionId partition) {}

    /// @param id chosen by the reader
    /// @param start where the reader wants to begin
    /// @param leaderEpoch highest epoch that the reader has seen
    /// @param bytesMax upper bound of one push
    FetchSubscription(
            int id, Place place, StartPosition start, OptionalInt leaderEpoch, int bytesMax) {
        this.id = id;
        this.place = place;
        this.start = start;
        this.epochSeen = leaderEpoch.orElse(-1);
        this.bytesMax = bytesMax;
    }

    int id() {
        return id;
    }

    PartitionId partition() {
        return place.partition;
    }

    StartPosition start() {
        return start;
    }

    int bytesMax() {
        return bytesMax;
    }

    /// The replica here that serves it.
    ///
    /// @throws IllegalStateException if none does
    Partition replica() {
        if (replica == null) {
            throw new IllegalStateException("not served here");
        }
        return replica;
    }

    boolean isServedHere() {
        return replica != null;
    }

    /// From now on a replica here serves it; `null`: none does.
    void servedBy(@Nullable Partition newReplica) {
        replica = newReplica;
    }

    /// Highest epoch that the reader has seen, or was sent.
    OptionalInt leaderEpoch() {
        return epochSeen < 0 ? OptionalInt.empty() : OptionalInt.of(epochSeen);
    }

    /// Something of this epoch is sent.
    void saw(int leaderEpoch) {
        epochSeen = Math.max(epochSeen, leaderEpoch);
    }

    PartitionErrors errors() {
        return new PartitionErrors(place.topic, place.partition.partition(), leaderEpoch());
    }

    long nextOffset() {
        return nextOffset;
    }

    /// Sets where to read on.
    void moveTo(long offset) {
        nextOffset = offset;
    }

    /// Whether the reader was told where it begins.
    boolean isStarted() {
        return started;
    }

    void start(long offset) {
        started = true;
        nextOffset = offset;
    }

    boolean isEnded() {
        return ended;
    }

    /// Starts a fetch at the position.
    ///
    /// @param creditBytes the stream's credit
    /// @param wait whether to be parked until there is something
    void fetch(long creditBytes, boolean wait, FetchListener listener) {
        int bytes = (int) Math.max(1, Math.min(bytesMax, creditBytes));
        pending =
                replica().fetch(new FetchCommand(nextOffset, bytes, leaderEpoch(), wait), listener);
    }

    /// The fetch under way was answered.
    void answered() {
        pending = null;
    }

    /// Nothing more is read; a fetch under way is withdrawn.
    void end() {
        ended = true;
        if (pending != null) {
            pending.cancel();
            pending = null;
        }
    }
}
