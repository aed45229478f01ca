// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import java.util.ArrayList;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// How far this node's replicas have followed the metadata, and who waits for it.
///
/// **Threading:** any thread; waiters complete on the thread that advances.
public final class FollowedOffset {

    private final TreeMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>();
    private long offset;

    /// The replicas are what the image of this offset says.
    public void advance(long newOffset) {
        var reached = new ArrayList<CompletableFuture<Void>>();
        synchronized (waiting) {
            offset = Math.max(offset, newOffset);
            var due = waiting.headMap(offset, true);
            reached.addAll(due.values());
            due.clear();
        }
        reached.forEach(waiter -> waiter.complete(null));
    }

    /// The last offset followed.
    public long offset() {
        synchronized (waiting) {
            return offset;
        }
    }

    /// Completes when the replicas follow an image at least this new. A copy: whoever bounds the
    /// wait bounds only his own.
    public CompletableFuture<Void> atLeast(long wanted) {
        synchronized (waiting) {
            return offset >= wanted
                    ? CompletableFuture.completedFuture(null)
                    : waiting.computeIfAbsent(wanted, _ -> new CompletableFuture<>()).copy();
        }
    }
}
