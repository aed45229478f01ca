// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.record.BrokerRegistration;

import org.pcollections.PSortedSet;

import java.util.UUID;

/// One broker as the metadata knows it.
///
/// @param registration its current registration
/// @param isFenced whether it has no live session: it leads nothing and joins no ISR
/// @param isShuttingDown whether it announced its stop: it gets no leadership any more
/// @param failedDirectories directories that had an I/O error and were not restored
public record BrokerState(
        BrokerRegistration registration,
        boolean isFenced,
        boolean isShuttingDown,
        PSortedSet<UUID> failedDirectories) {

    /// The broker's node id.
    public int nodeId() {
        return registration.nodeId();
    }

    /// The incarnation that is registered now.
    public UUID incarnation() {
        return registration.incarnation();
    }
}
