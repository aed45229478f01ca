// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.Subscribe;
import dev.weir.client.core.ReadCursor;
import dev.weir.client.core.RetryBackoff;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// One partition that a reader was assigned: where it stands, and the subscription that brings what
/// follows. The reader's own.
final class ReadAssignment {

    final TopicPartition partition;
    final ReadCursor cursor = new ReadCursor();
    private final StartPosition start;
    private final RetryBackoff backoff =
            RetryBackoff.forLeaders(ThreadLocalRandom.current().nextLong());

    /// Where it is subscribed; `null`: nowhere, until [#subscribeAtNs].
    @Nullable FetchCall call;

    int subscriptionId;

    /// When something of it came last, or was last missed.
    long heardAtNs = System.nanoTime();

    /// The leader could not be reached: another node forwards.
    boolean isDetour;

    long subscribeAtNs = System.nanoTime();

    ReadAssignment(TopicPartition partition, StartPosition start) {
        this.partition = partition;
        this.start = start;
    }

    /// The subscription is over; another one is due after a while.
    void again() {
        call = null;
        subscribeAtNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff.nextDelayMs());
    }

    /// The subscription is given up for a better one, due now.
    void moveOn() {
        if (call != null) {
            call.unsubscribe(subscriptionId);
        }
        call = null;
        subscribeAtNs = System.nanoTime();
    }

    /// A node answered as it should.
    void succeeded() {
        heardAtNs = System.nanoTime();
        backoff.reset();
    }

    /// Goes on where reading stands, or begins.
    Subscribe subscription(int id, int maxPushBytes) {
        subscriptionId = id;
        var position = cursor.position();
        var from = position.isPresent() ? StartPosition.at(position.getAsLong()) : start;
        var subscribe =
                Subscribe.newBuilder()
                        .setSubscriptionId(id)
                        .setTopic(Descriptions.topicRef(partition.topic()))
                        .setPartition(partition.partition())
                        .setStart(Descriptions.start(from))
                        .setMaxBytes(maxPushBytes);
        if (cursor.leaderEpoch() >= 0) {
            subscribe.setLeaderEpoch(cursor.leaderEpoch());
        }
        return subscribe.build();
    }
}
