// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// An operator removed a broker that will not come back; its registration is forgotten.
///
/// @param nodeId the broker's node id
/// @param registrationNumber the registration that is meant; must be the current one
public record BrokerRemoved(int nodeId, long registrationNumber) implements MetadataRecord {

    /// Refuses numbers that no broker has.
    public BrokerRemoved {
        Checks.atLeast(1, nodeId, "nodeId");
        Checks.atLeast(1, registrationNumber, "registrationNumber");
    }
}
