// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

/// Opens a node's data directory: [DataDirectory#open], or on another disk.
@FunctionalInterface
public interface DirectoryOpener {

    DataDirectory open(DataDirectoryConfig config, DirectoryPorts ports);
}
