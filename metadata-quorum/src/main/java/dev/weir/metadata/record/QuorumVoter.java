// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A voter of the metadata quorum.
///
/// @param nodeId its number, at least 1
/// @param directoryId its metadata directory: a replaced disk is another voter
/// @param endpoint where the other voters reach it
public record QuorumVoter(int nodeId, UUID directoryId, Endpoint endpoint) {

    /// Refuses a number that no node has.
    public QuorumVoter {
        Checks.atLeast(1, nodeId, "nodeId");
    }

    /// As configuration names it: `ID@HOST:PORT:DIRECTORY_ID`.
    @Override
    public String toString() {
        return nodeId + "@" + endpoint + ":" + directoryId;
    }
}
