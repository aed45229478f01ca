// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.PartitionLog;

import java.util.TreeMap;
import java.util.function.Consumer;

/// The feeds of a leader, at most one a follower.
///
/// **Threading:** the partition's turn.
final class PushFeeds {

    private final PartitionLog log;
    private final PartitionServices services;
    private final Consumer<PartitionTask> self;
    private final TreeMap<Integer, PushFeed> feeds = new TreeMap<>();

    PushFeeds(PartitionLog log, PartitionServices services, Consumer<PartitionTask> self) {
        this.log = log;
        this.services = services;
        this.self = self;
    }

    /// Begins a feed, in place of any earlier one of that follower.
    void start(ReplicaEffect.Feed feed, int leaderEpoch) {
        stop(feed.follower());
        feeds.put(feed.follower(), new PushFeed(log, services, feed, leaderEpoch, self));
    }

    void advance(int follower, long ackedEnd) {
        var feed = feeds.get(follower);
        if (feed != null) {
            feed.advance(ackedEnd);
        }
    }

    void nudge(int follower) {
        var feed = feeds.get(follower);
        if (feed != null) {
            feed.nudge();
        }
    }

    void stop(int follower) {
        var feed = feeds.remove(follower);
        if (feed != null) {
            feed.stop();
        }
    }

    void stopAll() {
        feeds.values().forEach(PushFeed::stop);
        feeds.clear();
    }

    /// Takes a feed out that cannot go on.
    ///
    /// @return whether it was still the follower's
    boolean remove(PushFeed feed) {
        return feeds.remove(feed.feed().follower(), feed);
    }

    /// Pushes what can go now.
    void pump(ReplicaView view) {
        if (!feeds.isEmpty()) {
            feeds.values().forEach(feed -> feed.pump(view));
        }
    }

    boolean waitForTime() {
        return !feeds.isEmpty() && feeds.values().stream().anyMatch(PushFeed::waitsForTime);
    }

    void tick() {
        feeds.values().forEach(PushFeed::tick);
    }
}
