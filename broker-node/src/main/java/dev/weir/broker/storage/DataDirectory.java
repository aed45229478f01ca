// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import java.nio.file.Path;
import java.util.UUID;

/// The node's data directory, locked and open.
///
/// Order of a start: [#open] → register with [#start] → [#registered] → feed [#partitions] with
/// images at least as new as the registration → serve. Order of a stop: refuse new work → [#close].
///
/// **Threading:** any thread; [#close] once.
public interface DataDirectory extends AutoCloseable {

    /// Makes an empty or missing directory this node's. Durable on return.
    static void format(Path path, UUID clusterId, int nodeId, UUID directoryId) {
        throw new UnsupportedOperationException();
    }

    /// Locks a directory, checks that it is this node's, and reads how it was left.
    static DataDirectory open(DataDirectoryConfig config) {
        throw new UnsupportedOperationException();
    }

    /// What the registration reports.
    DirectoryStart start();

    /// The registration that reported [#start] is confirmed: a crash from now on is another one.
    /// Durable on return.
    ///
    /// @param metadataOffset of the registration: no image below it may order a deletion
    void registered(long metadataOffset);

    /// The partitions.
    PartitionRegistry partitions();

    /// Whether the directory failed: nothing is acknowledged from it any more.
    boolean failed();

    /// Flushes and closes every partition, writes the checkpoints and the clean marker. Unanswered
    /// produces are answered first, as far as they can be.
    @Override
    void close();
}
