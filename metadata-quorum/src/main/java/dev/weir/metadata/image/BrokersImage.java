// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.Collection;
import java.util.Optional;

/// All registered brokers.
///
/// @param byId the brokers, sorted by node id
/// @param lastRegistrationNumber highest number given to any registration, removed ones included
public record BrokersImage(PSortedMap<Integer, BrokerState> byId, long lastRegistrationNumber) {

    /// No brokers.
    public static final BrokersImage EMPTY = new BrokersImage(TreePMap.empty(), 0);

    /// The broker with this node id.
    public Optional<BrokerState> broker(int nodeId) {
        return Optional.ofNullable(byId.get(nodeId));
    }

    /// All brokers, sorted by node id.
    public Collection<BrokerState> all() {
        return byId.values();
    }
}
