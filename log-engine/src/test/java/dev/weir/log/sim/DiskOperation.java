// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import java.nio.file.Path;

/// One call that changed a simulated disk, or made a change durable.
///
/// @param number from 1, in order of calls
/// @param kind what was called
/// @param path the file or directory; of a rename the old name
/// @param position first byte concerned; 0 where that means nothing
/// @param bytes how many bytes; 0 where that means nothing
public record DiskOperation(long number, Kind kind, Path path, long position, long bytes) {

    /// The calls that are counted. Reads are not.
    public enum Kind {
        CREATE,
        ALLOCATE,
        WRITE,
        FLUSH,
        TRIM,
        CREATE_DIRECTORY,
        RENAME,
        DELETE,
        SYNC_DIRECTORY
    }
}
