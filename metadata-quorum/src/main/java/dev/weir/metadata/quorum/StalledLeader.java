// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

/// Finds a leader whose first entry does not commit although a majority may have it.
///
/// If a follower wrote that entry and its answer was lost with the connection, the library sends
/// what comes after it only: heartbeats, whose answers say nothing of the log. Another entry would
/// heal it, but a leader takes none before its first one is committed. Nobody would decide anything
/// for ever; a leader that steps down makes way for a term with another first entry.
///
/// **Threading:** one thread.
final class StalledLeader {

    /// Far above what a flush on a majority takes.
    static final long PATIENCE_MS = 2_000;

    /// The patience doubles with each leader that was given up, so that slow disks get their time.
    static final long PATIENCE_MS_MAX = 16_000;

    private long patienceMs = PATIENCE_MS;
    private boolean isWaiting;
    private long waitsSinceMs;
    private long committedThen;

    /// @param leads whether this node leads
    /// @param isReady whether it leads and has applied its own first entry
    /// @param committedIndex of the log here
    /// @param lastIndex of the log here
    /// @param nowMs monotonic
    /// @return whether to step down
    boolean isStalled(
            boolean leads, boolean isReady, long committedIndex, long lastIndex, long nowMs) {
        if (isReady) {
            patienceMs = PATIENCE_MS;
        }
        if (!leads || isReady || committedIndex >= lastIndex) {
            isWaiting = false;
            return false;
        }
        if (!isWaiting || committedIndex != committedThen) {
            isWaiting = true;
            waitsSinceMs = nowMs;
            committedThen = committedIndex;
            return false;
        }
        if (nowMs - waitsSinceMs < patienceMs) {
            return false;
        }
        isWaiting = false;
        patienceMs = Math.min(PATIENCE_MS_MAX, 2 * patienceMs);
        return true;
    }
}
