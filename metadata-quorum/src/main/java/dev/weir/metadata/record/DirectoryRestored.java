// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.UUID;

/// An operator put a failed log directory back into service.
///
/// @param nodeId the broker's node id
/// @param directoryId the directory
public record DirectoryRestored(int nodeId, UUID directoryId) implements MetadataRecord {

    /// Refuses a node id that no broker has.
    public DirectoryRestored {
        Checks.atLeast(1, nodeId, "nodeId");
    }
}
