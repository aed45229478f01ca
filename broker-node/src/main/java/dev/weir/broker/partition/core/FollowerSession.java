// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import org.jspecify.annotations.Nullable;

/// A follower as its leader knows it, in one leader epoch: its current session, and how far its log
/// reaches by what it acknowledged in that session.
///
/// Owned by the leader's side; not thread-safe.
final class FollowerSession {

    /// No end: nothing was acknowledged in the current session.
    static final long UNKNOWN = -1;

    private final int nodeId;

    private @Nullable SessionId id;
    private Lane lane = Lane.CATCHING_UP;

    /// The session's first answer was a push: only then do its ends count.
    private boolean accepted;

    /// Pushes go out.
    private boolean fed;

    private long appendedEnd = UNKNOWN;
    private long durableEnd = UNKNOWN;

    /// Last time at which it is known to have held everything that its leader held.
    private long caughtUpMs;

    /// The leader's log end at `markMs`: who reaches it was caught up then.
    private long mark;

    private long markMs;

    private long spokenToMs;

    /// The follower's high watermark, as it says.
    private long toldHighWatermark;

    FollowerSession(int nodeId, long logEnd, long nowMs) {
        this.nodeId = nodeId;
        caughtUpMs = nowMs;
        mark = logEnd;
        markMs = nowMs;
    }

    int nodeId() {
        return nodeId;
    }

    @Nullable SessionId id() {
        return id;
    }

    Lane lane() {
        return lane;
    }

    boolean isAccepted() {
        return accepted;
    }

    boolean isFed() {
        return fed;
    }

    /// Whether a session was begun and nothing is pushed in it any more.
    boolean isBroken() {
        return accepted && !fed;
    }

    /// Whether a session is not newer than the current one of the same process.
    boolean isStale(SessionId session) {
        return id != null
                && id.incarnation().equals(session.incarnation())
                && session.number() <= id.number();
    }

    long end(Durability durability) {
        return durability == Durability.FSYNC ? durableEnd : appendedEnd;
    }

    long durableEnd() {
        return durableEnd;
    }

    /// For receipts and for the high watermark, which a follower of unknown ends holds where it is.
    ReplicaEnd ends() {
        return new ReplicaEnd(nodeId, Math.max(0, appendedEnd), Math.max(0, durableEnd));
    }

    /// A session begins: what was acknowledged before it is forgotten.
    void begin(SessionId session, Lane sessionLane) {
        forgetEnds();
        id = session;
        lane = sessionLane;
        accepted = false;
        fed = false;
    }

    /// Its first answer is a push.
    void accept(long nowMs) {
        accepted = true;
        fed = true;
        spokenToMs = nowMs;
    }

    /// There is no session any more.
    void forget() {
        forgetEnds();
        id = null;
        accepted = false;
        fed = false;
    }

    private void forgetEnds() {
        appendedEnd = UNKNOWN;
        durableEnd = UNKNOWN;
        toldHighWatermark = UNKNOWN;
    }

    /// Pushes go out no more. The ends stay: they are facts.
    void stopped() {
        fed = false;
    }

    void acked(ReplicaMessage.Ack ack, long nowMs) {
        appendedEnd = Math.max(appendedEnd, ack.appendedEnd());
        durableEnd = Math.max(durableEnd, ack.durableEnd());
        toldHighWatermark = Math.max(toldHighWatermark, ack.highWatermark());
        spokenToMs = nowMs;
    }

    void spokenTo(long nowMs) {
        spokenToMs = nowMs;
    }

    long spokenToMs() {
        return spokenToMs;
    }

    long toldHighWatermark() {
        return toldHighWatermark;
    }

    /// Notes how far its counted end is, for the lag time.
    void noteLag(long end, long logEnd, long nowMs) {
        if (end >= logEnd) {
            caughtUpMs = nowMs;
        } else if (end >= mark) {
            caughtUpMs = Math.max(caughtUpMs, markMs);
        }
        if (end >= mark) {
            mark = logEnd;
            markMs = nowMs;
        }
    }

    /// The lag time begins anew: what is counted has changed.
    void restartLag(long nowMs) {
        caughtUpMs = nowMs;
    }

    long caughtUpMs() {
        return caughtUpMs;
    }
}
