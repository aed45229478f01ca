// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Which stream between two nodes carries a session. Each is on a connection of its own, so that a
/// refill never delays the in-sync replicas.
public enum Lane {
    /// For replicas in the ISR, and for those that have caught up and want to join it.
    IN_SYNC,
    /// For replicas that have much to catch up.
    CATCHING_UP
}
