// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.Comparator;
import java.util.UUID;

/// What a configuration value is for. Ordered: cluster, brokers by id, topics by id.
public sealed interface ConfigScope extends Comparable<ConfigScope> {

    /// The default of every broker and topic that does not say otherwise.
    record Cluster() implements ConfigScope {}

    /// One broker.
    ///
    /// @param nodeId the broker's node id
    record Broker(int nodeId) implements ConfigScope {}

    /// One topic.
    ///
    /// @param topicId the topic's id
    record Topic(UUID topicId) implements ConfigScope {}

    @Override
    default int compareTo(ConfigScope other) {
        return Order.SCOPES.compare(this, other);
    }

    /// Holds the comparator: an interface cannot have a private constant.
    final class Order {

        private static final Comparator<ConfigScope> SCOPES =
                Comparator.comparingInt(Order::rank)
                        .thenComparingInt(Order::nodeId)
                        .thenComparing(Order::topicId);
        private static final UUID NONE = new UUID(0, 0);

        private Order() {}

        private static int rank(ConfigScope scope) {
            return switch (scope) {
                case Cluster _ -> 0;
                case Broker _ -> 1;
                case Topic _ -> 2;
            };
        }

        private static int nodeId(ConfigScope scope) {
            return scope instanceof Broker(var nodeId) ? nodeId : 0;
        }

        private static UUID topicId(ConfigScope scope) {
            return scope instanceof Topic(var topicId) ? topicId : NONE;
        }
    }
}
