// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.Lane;

import java.util.UUID;

/// The first message of a stream, in both directions.
sealed interface Hello {

    /// Version of the protocol that this build speaks.
    int PROTOCOL_VERSION = 1;

    /// Says who wants to follow, and whom.
    record OfFollower(
            int protocolVersion,
            UUID clusterId,
            int nodeId,
            UUID incarnation,
            Lane lane,
            int toNodeId)
            implements Hello {}

    /// The answer.
    record OfLeader(int nodeId, UUID incarnation) implements Hello {}
}
