// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.PushedBatches;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.LogException;
import dev.weir.log.LogSlice;
import dev.weir.log.PartitionLog;
import dev.weir.log.ReadResult;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Pushes one partition's log to one follower, for one session: whole batches as they lie in the
/// log, up to its end, as far as the follower's window and the link let it.
///
/// What is in memory is read in the turn and goes out as the mapped slice itself; cold bytes are
/// read by a reader thread, one read at a time.
///
/// **Threading:** the partition's turn. **Bound:** [#WINDOW_BYTES] are out and not acknowledged,
/// but the first batch always goes.
final class PushFeed {

    private static final Logger LOG = LoggerFactory.getLogger(PushFeed.class);

    /// Most bytes that are pushed and not acknowledged.
    static final int WINDOW_BYTES = 4 << 20;

    /// Bytes of one push, except where one batch is larger.
    static final int PUSH_BYTES = 256 << 10;

    /// Pushes that may wait in front of a follower, whatever their size.
    private static final int UNACKED_PUSHES_MAX = 256;

    /// Pushes of one turn; then other events have their chance.
    private static final int TURN_PUSHES_MAX = 4;

    private final PartitionLog log;
    private final PartitionServices services;
    private final ReplicaEffect.Feed feed;
    private final int leaderEpoch;
    private final Consumer<PartitionTask> self;

    private final ArrayDeque<Unacked> unacked = new ArrayDeque<>();
    private long unackedBytes;
    private long nextOffset;
    private boolean pushDue = true;
    private boolean waitsForLink;
    private boolean waitsForRead;
    private boolean waitsForTurn;
    private boolean readRefused;
    private boolean over;

    private record Unacked(long endOffset, int bytes) {}

    /// Lends a slice's bytes to a link.
    private record Lent(LogSlice slice) implements PushedBatches {

        @Override
        public ByteBuffer buffer() {
            return slice.buffer();
        }

        @Override
        public int sizeBytes() {
            return slice.sizeBytes();
        }

        @Override
        public void release() {
            slice.release();
        }
    }

    /// @param leaderEpoch of the leader whose feed this is
    /// @param self takes what comes back to the partition
    PushFeed(
            PartitionLog log,
            PartitionServices services,
            ReplicaEffect.Feed feed,
            int leaderEpoch,
            Consumer<PartitionTask> self) {
        this.log = log;
        this.services = services;
        this.feed = feed;
        this.leaderEpoch = leaderEpoch;
        this.self = self;
        this.nextOffset = feed.fromOffset();
    }

    ReplicaEffect.Feed feed() {
        return feed;
    }

    boolean isOver() {
        return over;
    }

    /// Whether only time lets it go on: the readers had no room for it.
    boolean waitsForTime() {
        return readRefused && !over;
    }

    /// Time passed.
    void tick() {
        readRefused = false;
    }

    /// A push is due, empty if need be.
    void nudge() {
        pushDue = true;
    }

    /// The follower holds everything below an offset.
    void advance(long ackedEnd) {
        while (!unacked.isEmpty() && unacked.peek().endOffset() <= ackedEnd) {
            unackedBytes -= unacked.remove().bytes();
        }
    }

    /// The link admits pushes again, or it is this feed's turn again.
    void resume(boolean link) {
        if (link) {
            waitsForLink = false;
        } else {
            waitsForTurn = false;
        }
    }

    /// Pushes nothing any more.
    void stop() {
        over = true;
    }

    /// Pushes what can go now.
    ///
    /// @param view as published
    void pump(ReplicaView view) {
        for (var pushes = 0; !over && !waitsForLink && !waitsForTurn; pushes++) {
            var room =
                    WINDOW_BYTES - unackedBytes >= PUSH_BYTES
                            && unacked.size() < UNACKED_PUSHES_MAX;
            var more = !waitsForRead && !readRefused && room && nextOffset < log.logEndOffset();
            if (!more && !pushDue) {
                return;
            }
            if (!services.ports().links().admits(feed.follower(), feed.lane(), () -> post(true))) {
                waitsForLink = true;
                return;
            }
            if (pushes == TURN_PUSHES_MAX) {
                waitsForTurn = true;
                post(false);
                return;
            }
            if (!more || !read(view)) {
                if (pushDue) {
                    push(view, PushedBatches.NONE, nextOffset);
                }
                return;
            }
        }
    }

    private void post(boolean link) {
        self.accept(new PartitionTask.FeedResumed(this, link));
    }

    /// @return whether batches were pushed
    private boolean read(ReplicaView view) {
        try {
            return switch (log.read(nextOffset, PUSH_BYTES, log.logEndOffset(), false)) {
                case ReadResult.Batches(var slice) -> push(view, slice);
                case ReadResult.Cold _ -> {
                    readCold();
                    yield false;
                }
                case ReadResult.OutOfRange _ -> {
                    broken();
                    yield false;
                }
            };
        } catch (LogException e) {
            broken(e);
            return false;
        }
    }

    private void readCold() {
        var from = nextOffset;
        try {
            services.threads()
                    .readers()
                    .execute(
                            () -> {
                                PartitionTask done;
                                try {
                                    var read = log.read(from, PUSH_BYTES, log.logEndOffset(), true);
                                    done = new PartitionTask.FeedRead(this, read);
                                } catch (RuntimeException e) {
                                    done = new PartitionTask.FeedReadFailed(this, e);
                                }
                                self.accept(done);
                            });
            waitsForRead = true;
        } catch (RejectedExecutionException _) {
            readRefused = true;
        }
    }

    /// A cold read has come back. What it brought is given back if it is not wanted any more.
    void onRead(ReplicaView view, ReadResult result) {
        waitsForRead = false;
        switch (result) {
            case ReadResult.Batches(var slice) when over -> slice.release();
            case ReadResult.Batches(var slice) -> push(view, slice);
            case ReadResult.Cold _ ->
                    throw new IllegalStateException("a read that may block was answered with Cold");
            case ReadResult.OutOfRange _ -> broken();
        }
    }

    void onReadFailed(RuntimeException failure) {
        waitsForRead = false;
        broken(failure);
    }

    private boolean push(ReplicaView view, LogSlice slice) {
        if (slice.sizeBytes() == 0
                || (unackedBytes > 0 && unackedBytes + slice.sizeBytes() > WINDOW_BYTES)) {
            slice.release();
            return false;
        }
        if (slice.baseOffset() < nextOffset) {
            // The follower's end lies inside a batch: it is not a copy of this log.
            slice.release();
            broken();
            return false;
        }
        unacked.add(new Unacked(slice.nextOffset(), slice.sizeBytes()));
        unackedBytes += slice.sizeBytes();
        push(view, new Lent(slice), slice.nextOffset());
        return true;
    }

    private void push(ReplicaView view, PushedBatches batches, long endOffset) {
        var message =
                new ReplicaMessage.Push(
                        feed.session(),
                        leaderEpoch,
                        nextOffset,
                        batches,
                        view.highWatermark(),
                        log.logStartOffset());
        nextOffset = endOffset;
        pushDue = false;
        services.ports().links().send(feed.follower(), feed.lane(), log.partition(), message);
    }

    private void broken(RuntimeException failure) {
        var closed = over || failure instanceof LogException.LogClosedException;
        if (!closed && failure instanceof LogException reason) {
            services.onLogFailure().accept(reason);
        } else if (!closed) {
            LOG.atError()
                    .addKeyValue("partition", log.partition())
                    .setCause(failure)
                    .log("A read for follower {} failed", feed.follower());
        }
        broken();
    }

    private void broken() {
        if (!over) {
            over = true;
            self.accept(new PartitionTask.FeedOver(this));
        }
    }
}
