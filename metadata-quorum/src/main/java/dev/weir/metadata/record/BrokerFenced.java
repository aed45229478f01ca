// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A broker's session ended: it leads nothing and joins no ISR until it is unfenced.
///
/// @param nodeId the broker's node id
/// @param registrationNumber the registration that is meant; must be the current one
public record BrokerFenced(int nodeId, long registrationNumber) implements MetadataRecord {

    /// Refuses numbers that no broker has.
    public BrokerFenced {
        Checks.atLeast(1, nodeId, "nodeId");
        Checks.atLeast(1, registrationNumber, "registrationNumber");
    }
}
