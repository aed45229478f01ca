// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.UUID;

/// Which replica this is.
///
/// @param nodeId this node
/// @param incarnation of this process; new at every start
/// @param directoryId of the directory that holds its log
public record ReplicaIdentity(int nodeId, UUID incarnation, UUID directoryId) {}
