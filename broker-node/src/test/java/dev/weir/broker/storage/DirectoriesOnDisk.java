// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Clocks;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;

import java.nio.file.Path;
import java.util.UUID;

/// Data directories on another disk than this machine's.
public final class DirectoriesOnDisk {

    private DirectoriesOnDisk() {}

    /// Formats a directory.
    public static void format(Disk disk, Path path, UUID clusterId, int nodeId) {
        DataDirectory.format(
                disk,
                path,
                path.resolve("metadata"),
                new DirectoryIdentity(clusterId, nodeId, UUID.randomUUID()));
    }

    /// Opens a directory that is formatted.
    public static DataDirectory open(DataDirectoryConfig config, Disk disk, DirectoryPorts ports) {
        return DataDirectory.open(
                config,
                new DataDirectory.Environment(
                        disk, BootId.ofThisMachine(), Clocks.SYSTEM, UUID.randomUUID(), ports));
    }
}
