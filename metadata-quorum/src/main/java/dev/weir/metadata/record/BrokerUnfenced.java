// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A broker's stream is up: it may lead and join.
///
/// @param nodeId the broker's node id
/// @param registrationNumber the registration that is meant; must be the current one
public record BrokerUnfenced(int nodeId, long registrationNumber) implements MetadataRecord {

    /// Refuses numbers that no broker has.
    public BrokerUnfenced {
        Checks.atLeast(1, nodeId, "nodeId");
        Checks.atLeast(1, registrationNumber, "registrationNumber");
    }
}
