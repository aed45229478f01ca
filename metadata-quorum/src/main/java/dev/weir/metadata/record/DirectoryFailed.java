// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// A log directory had an I/O error: nothing in it leads or is acknowledged until an operator
/// restores it.
///
/// @param nodeId the broker's node id
/// @param directoryId the directory
public record DirectoryFailed(int nodeId, UUID directoryId) implements MetadataRecord {

    /// Refuses a node id that no broker has.
    public DirectoryFailed {
        Checks.atLeast(1, nodeId, "nodeId");
    }
}
