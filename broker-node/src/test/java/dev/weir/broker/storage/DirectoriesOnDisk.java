// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Clocks;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;

import java.util.UUID;

/// Data directories on another disk than this machine's.
public final class DirectoriesOnDisk {

    private DirectoriesOnDisk() {}

    /// Formats and opens a directory.
    public static DataDirectory open(DataDirectoryConfig config, Disk disk) {
        DataDirectory.format(
                disk,
                config.path(),
                new DirectoryIdentity(config.clusterId(), config.nodeId(), UUID.randomUUID()));
        return DataDirectory.open(
                config,
                new DataDirectory.Environment(
                        disk, BootId.ofThisMachine(), Clocks.SYSTEM, UUID.randomUUID()));
    }
}
