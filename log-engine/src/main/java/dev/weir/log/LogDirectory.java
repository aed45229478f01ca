// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.disk.Disk;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

/// One data directory: its lock, its identity, its budgets, and the partitions in it.
///
/// After the first I/O error of any log in it nothing later is acknowledged from this directory:
/// every log in it refuses appends and no flush proves anything. Reads go on. A full disk is not an
/// I/O error.
///
/// **Threading:** any thread.
@SuppressWarnings("DoNotCallSuggester")
public final class LogDirectory implements AutoCloseable {

    private LogDirectory() {}

    /// Gives an empty directory its identity. Durable on return.
    ///
    /// @param directoryId random; what the metadata knows the directory by (KIP-858)
    /// @throws IllegalStateException if it has one already
    public static void format(Disk disk, Path path, UUID directoryId) {
        throw new UnsupportedOperationException();
    }

    /// Takes a formatted directory for this process.
    ///
    /// @param background runs what may wait for the disk but nobody waits for: preparing space,
    ///   unmapping, deleting. One or more threads that are never interrupted; a direct executor is
    ///   allowed and makes everything deterministic
    /// @throws LogException.DirectoryLockedException if another process has it
    /// @throws LogException.MissingFileException if it was never formatted
    public static LogDirectory open(
            Disk disk, Path path, LogDirectoryConfig config, Executor background) {
        throw new UnsupportedOperationException();
    }

    /// What [#format] gave it.
    public UUID directoryId() {
        throw new UnsupportedOperationException();
    }

    /// Where it is.
    public Path path() {
        throw new UnsupportedOperationException();
    }

    /// The partitions that have a directory here, in order. Those that were deleted are not among
    /// them. Which of them are strays only the metadata can say.
    public List<PartitionId> partitions() {
        throw new UnsupportedOperationException();
    }

    /// Entries that nothing here explains, for the operator. Never touched.
    public List<Path> unknownEntries() {
        throw new UnsupportedOperationException();
    }

    /// Removes a partition: its directory is renamed and that made durable before return, its files
    /// are deleted in the background. Its log, if open, is closed by this call: no turn of it may
    /// run. Does nothing where there is no such partition.
    public void delete(PartitionId partition) {
        throw new UnsupportedOperationException();
    }

    /// Writes the recovery points of all open logs, if any moved. To be called about once a second,
    /// on a thread that may wait for the disk.
    public void checkpoint() {
        throw new UnsupportedOperationException();
    }

    /// The first I/O error, if there was one.
    public Optional<LogException.DiskFailedException> failure() {
        throw new UnsupportedOperationException();
    }

    /// Writes the recovery points and frees the lock. The logs are closed before, by their owners.
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
