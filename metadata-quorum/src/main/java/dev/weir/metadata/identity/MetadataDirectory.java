// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.identity;

import dev.weir.metadata.QuorumException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/// A quorum directory that this process holds: formatted, ours, and locked until [#close].
///
/// ```
/// meta.properties   who the directory belongs to
/// .lock             held while a process has the directory open
/// raft/<clusterId>/ the Raft log, vote and snapshots
/// history/          applied batches and images, for time travel
/// ballast           bytes given back when the disk is nearly full
/// ```
///
/// **Threading:** immutable but for the lock; any thread.
public final class MetadataDirectory implements AutoCloseable {

    private static final String LOCK_NAME = ".lock";

    /// Real paths of the directories that this process holds.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path realPath;
    private final DirectoryIdentity identity;
    private final FileChannel lock;

    private MetadataDirectory(
            Path path, Path realPath, DirectoryIdentity identity, FileChannel lock) {
        this.path = path;
        this.realPath = realPath;
        this.identity = identity;
        this.lock = lock;
    }

    /// Makes an empty or missing directory this node's. Durable on return.
    ///
    /// A crash in between leaves a directory without `meta.properties`: it counts as not formatted,
    /// and must be emptied before the next try.
    ///
    /// @param identity written last, when everything else is in place
    /// @param prepare lays out what the directory must hold before its first start
    /// @throws QuorumException.NotEmpty the directory holds anything, a formatted one included
    public static void format(
            Path path, DirectoryIdentity identity, BiConsumer<Path, DirectoryIdentity> prepare) {
        try {
            Files.createDirectories(path);
            try (var entries = Files.newDirectoryStream(path)) {
                for (var entry : entries) {
                    throw new QuorumException.NotEmpty(path, String.valueOf(entry.getFileName()));
                }
            }
        } catch (IOException e) {
            throw new QuorumException.Io(path, "create", e);
        }
        prepare.accept(path, identity);
        MetaProperties.write(path, identity);
    }

    /// Reads a formatted directory's identity without locking it.
    ///
    /// @throws QuorumException.NotFormatted it has none
    /// @throws QuorumException.Corrupt it has one that cannot be parsed
    public static DirectoryIdentity identityOf(Path path) {
        return MetaProperties.read(path);
    }

    /// Locks a formatted directory and checks that it is this node's.
    ///
    /// @param nodeId the node id that the configuration gives
    /// @param clusterId the cluster that the node is known to belong to; null to take the
    ///   directory's word
    /// @throws QuorumException.NotFormatted there is no `meta.properties`
    /// @throws QuorumException.ForeignDirectory it names another node or cluster
    /// @throws QuorumException.DirectoryLocked another holder is alive
    public static MetadataDirectory open(Path path, int nodeId, @Nullable UUID clusterId) {
        if (!MetaProperties.isIn(path)) {
            throw new QuorumException.NotFormatted(path);
        }
        var realPath = realPath(path);
        var lock = lock(path, realPath);
        try {
            var identity = MetaProperties.read(path);
            if (clusterId != null && !clusterId.equals(identity.clusterId())) {
                throw new QuorumException.ForeignDirectory(
                        path, "cluster.id", clusterId + "", identity.clusterId() + "");
            }
            if (identity.nodeId() != nodeId) {
                throw new QuorumException.ForeignDirectory(
                        path, "node.id", nodeId + "", identity.nodeId() + "");
            }
            return new MetadataDirectory(path, realPath, identity, lock);
        } catch (QuorumException e) {
            release(path, realPath, lock);
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    public DirectoryIdentity identity() {
        return identity;
    }

    /// Where Raft keeps its groups.
    public Path raftPath() {
        return raftPath(path);
    }

    /// Where Raft keeps its groups in the quorum directory `path`.
    public static Path raftPath(Path path) {
        return path.resolve("raft");
    }

    /// Where the history is kept.
    public Path historyPath() {
        return path.resolve("history");
    }

    /// Gives the directory back. Idempotent.
    @Override
    public void close() {
        if (lock.isOpen()) {
            release(path, realPath, lock);
        }
    }

    private static FileChannel lock(Path path, Path realPath) {
        // A second channel on the lock file would, when closed, drop the first one's POSIX lock.
        if (!HELD.add(realPath)) {
            throw new QuorumException.DirectoryLocked(path);
        }
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            path.resolve(LOCK_NAME),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (IOException e) {
            release(path, realPath, channel);
            throw new QuorumException.Io(path, "lock", e);
        }
        release(path, realPath, channel);
        throw new QuorumException.DirectoryLocked(path);
    }

    private static void release(Path path, Path realPath, @Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new QuorumException.Io(path, "unlock", e);
        } finally {
            HELD.remove(realPath);
        }
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new QuorumException.Io(path, "resolve", e);
        }
    }
}
