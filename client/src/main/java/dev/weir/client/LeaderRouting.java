// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// How a client comes to the nodes that lead its partitions.
public enum LeaderRouting {
    /// Connects to leaders by the addresses that the cluster names. One that cannot be reached is
    /// reached through a node that can, and tried again later.
    DIRECT,
    /// Connects to bootstrap nodes only and never dials an address that the cluster names: for
    /// networks where those mean nothing to the client. Nodes forward to leaders.
    VIA_BOOTSTRAP
}
