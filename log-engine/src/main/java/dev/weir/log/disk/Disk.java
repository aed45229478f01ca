// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import java.nio.file.Path;
import java.util.List;

/// Files and directories of one log directory, with exactly the promises that the log relies on.
///
/// | what | survives a power loss after |
/// |---|---|
/// | bytes written to a file | [DiskFile#flush] of that file returned |
/// | size of a file (growth and trim) | [DiskFile#flush] of that file returned |
/// | a created, renamed or deleted entry | [#syncDirectory] of its parent returned |
///
/// Before that each 512-byte sector, each size and each entry survives or not on its own: nothing
/// orders them. A rename is atomic (the old or the new name, with the old or the new file behind
/// it); a rename across directories needs both parents synced. A process crash alone loses nothing
/// that a call had returned for.
///
/// **Threading:** any thread. Calls on different files run in parallel. A thread that calls is
/// never interrupted: an interrupt would close the channel under everybody else.
///
/// **Failure:** [dev.weir.log.LogException.DiskFullException] where space is missing,
/// [dev.weir.log.LogException.ResourcesExhaustedException] where descriptors or memory are,
/// [dev.weir.log.LogException.DiskFailedException] for every other I/O error,
/// [dev.weir.log.LogException.MissingFileException] where a file or directory is not there.
public interface Disk {

    /// Makes a new, empty file, open for reading and writing.
    ///
    /// @param file must not exist; its parent must
    /// @throws IllegalStateException if it exists
    DiskFile create(Path file);

    /// Opens a file that exists, for reading and writing. Any number of handles may be open.
    DiskFile open(Path file);

    /// Whether a file or directory of this name is there.
    boolean exists(Path path);

    /// Whether a directory of this name is there.
    boolean isDirectory(Path path);

    /// The entries of a directory as full paths, sorted by name. At most [#LIST_ENTRIES_MAX]
    /// entries: more is refused as a failed disk.
    List<Path> list(Path directory);

    /// Most entries one directory may have.
    int LIST_ENTRIES_MAX = 1_000_000;

    /// Makes a directory and the parents that are missing. Durable, each of them, after
    /// [#syncDirectory] of its own parent. Does nothing where it exists.
    void createDirectories(Path directory);

    /// Gives a file or directory another name, replacing a file of that name. Open handles stay
    /// valid. Atomic at once; durable after [#syncDirectory] of both parents.
    void rename(Path from, Path to);

    /// Removes a file or an empty directory. Open handles and mappings of the file stay valid.
    /// Durable after [#syncDirectory] of its parent.
    void delete(Path path);

    /// On return every creation, rename and deletion in this directory that had returned before the
    /// call is durable. Says nothing about the entries' contents, nor about this directory's own
    /// entry in its parent.
    void syncDirectory(Path directory);

    /// Bytes that may still be allocated in the file system of this directory.
    long usableBytes(Path directory);

    /// Takes the directory for this process, by a lock on a file in it that is made when missing.
    /// The system frees it when the process dies.
    ///
    /// @throws dev.weir.log.LogException.DirectoryLockedException if it is taken
    Lock lock(Path directory);

    /// A directory that this process holds.
    interface Lock extends AutoCloseable {

        /// Frees the directory. A second call does nothing.
        @Override
        void close();
    }
}
