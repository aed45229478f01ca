// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.ByteString;

import java.util.HashMap;
import java.util.Map;

/// The highest leader epoch heard of in each partition that is produced to: a node whose metadata
/// is older must not send a producer back to a leader that is over.
///
/// Any thread.
final class LeaderEpochs {

    /// A topic that is made anew under its old name begins at epoch 0 again.
    private record Topic(ByteString id, Map<Integer, Integer> highest) {}

    private final Map<String, Topic> topics = new HashMap<>();

    /// A description named an epoch.
    ///
    /// @return whether none above it is known
    synchronized boolean described(String topic, ByteString topicId, int partition, int epoch) {
        var known = topics.get(topic);
        if (known == null || !known.id.equals(topicId)) {
            known = new Topic(topicId, new HashMap<>());
            topics.put(topic, known);
        }
        return known.highest.merge(partition, epoch, Math::max) == epoch;
    }

    /// The topic is gone, it seems.
    synchronized void forget(String topic) {
        topics.remove(topic);
    }

    /// A node that refused named an epoch.
    synchronized void refused(String topic, int partition, int epoch) {
        var known = topics.get(topic);
        if (known != null) {
            known.highest.merge(partition, epoch, Math::max);
        }
    }
}
