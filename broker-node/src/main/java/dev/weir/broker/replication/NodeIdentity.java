// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import java.util.UUID;

/// Who this process is.
///
/// @param clusterId of its cluster
/// @param nodeId of its node
/// @param incarnation its own, new at each start
public record NodeIdentity(UUID clusterId, int nodeId, UUID incarnation) {}
