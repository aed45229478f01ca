// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.identity;

import java.util.UUID;

/// Who a quorum directory belongs to; fixed by `format` for the directory's whole life.
///
/// @param clusterId random 128 bit, the same on every node of a cluster; also the Raft group id
/// @param nodeId the node's number, at least 1
/// @param directoryId random 128 bit, new with every `format`, so that a replaced disk is a new
///   voter (KIP-853)
public record DirectoryIdentity(UUID clusterId, int nodeId, UUID directoryId) {

    public DirectoryIdentity {
        if (nodeId < 1) {
            throw new IllegalArgumentException("nodeId " + nodeId + " < 1");
        }
    }

    /// The voter's name in the Raft configuration: `<nodeId>-<directoryId>`.
    public String peerId() {
        return nodeId + "-" + directoryId;
    }
}
