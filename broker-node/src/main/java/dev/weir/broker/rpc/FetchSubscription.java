// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchListener;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PendingFetch;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;

/// One subscription of a fetch stream: a reading position, and at most one fetch under way.
///
/// **Threading:** owned by the stream's turns.
final class FetchSubscription {

    private final int id;
    private final Partition replica;
    private final OptionalInt leaderEpoch;
    private final int bytesMax;
    private final PartitionErrors errors;
    private long nextOffset;
    private boolean ended;
    private @Nullable PendingFetch pending;

    /// @param id chosen by the reader
    /// @param leaderEpoch highest epoch that the reader has seen
    /// @param bytesMax upper bound of one push
    FetchSubscription(
            int id,
            Partition replica,
            OptionalInt leaderEpoch,
            int bytesMax,
            PartitionErrors errors) {
        this.id = id;
        this.replica = replica;
        this.leaderEpoch = leaderEpoch;
        this.bytesMax = bytesMax;
        this.errors = errors;
    }

    int id() {
        return id;
    }

    Partition replica() {
        return replica;
    }

    OptionalInt leaderEpoch() {
        return leaderEpoch;
    }

    PartitionErrors errors() {
        return errors;
    }

    long nextOffset() {
        return nextOffset;
    }

    /// Sets where to read on.
    void moveTo(long offset) {
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
        pending = replica.fetch(new FetchCommand(nextOffset, bytes, leaderEpoch, wait), listener);
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
