// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A broker is about to stop: it leads nothing more and joins no ISR until it registers again.
///
/// @param nodeId the broker's node id
/// @param registrationNumber the registration that is meant; must be the current one
public record BrokerShutdownStarted(int nodeId, long registrationNumber) implements MetadataRecord {

    /// Refuses numbers that no broker has.
    public BrokerShutdownStarted {
        Checks.atLeast(1, nodeId, "nodeId");
        Checks.atLeast(1, registrationNumber, "registrationNumber");
    }
}
