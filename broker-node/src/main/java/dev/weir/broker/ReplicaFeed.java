// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.metadata.ImageFeed;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metadata.ReplicaFollower;
import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.watch.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.function.LongFunction;

/// The images' way to the replicas: shut until the registration counts.
///
/// **Threading:** [#begin] once, by any thread; images arrive on a thread of their own.
final class ReplicaFeed implements AutoCloseable {

    private final MetadataSource metadata;
    private final LongFunction<ReplicaFollower> followers;
    private final ImageFeed feed;
    private final Subscription subscription;
    private volatile @Nullable ReplicaFollower follower;

    /// @param followers makes the follower, given the offset below which images are not followed
    ReplicaFeed(
            MetadataSource metadata, LongFunction<ReplicaFollower> followers, HaltCallback halt) {
        this.metadata = metadata;
        this.followers = followers;
        this.feed =
                new ImageFeed(
                        image -> {
                            var open = follower;
                            if (open != null) {
                                open.follow(image);
                            }
                        },
                        halt::halt);
        feed.start();
        subscription = metadata.subscribe(feed);
    }

    /// From now on replicas follow images at least this new.
    void begin(long fromOffset) {
        follower = followers.apply(fromOffset);
        feed.onSnapshot(metadata.image());
    }

    @Override
    public void close() {
        subscription.close();
        feed.close();
    }
}
