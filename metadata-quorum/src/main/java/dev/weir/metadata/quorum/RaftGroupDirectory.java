// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.QuorumException;
import dev.weir.metadata.identity.AtomicFile;
import dev.weir.metadata.identity.DirectoryIdentity;
import dev.weir.metadata.identity.MetadataDirectory;

import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.SizeInBytes;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// `raft/<clusterId>/`: laid out once by `format`, and checked before every start, because the
/// library would silently lay out a missing one again and vote a second time in the same term.
final class RaftGroupDirectory {

    /// Term and vote, as Java properties. A full disk can leave it empty (ADR 0005).
    private static final String VOTE_FILE = "raft-meta";

    private RaftGroupDirectory() {}

    /// Lays out an empty group. Durable on return.
    static void format(Path directory, DirectoryIdentity identity) {
        var group = groupPath(directory, identity);
        try {
            Files.createDirectories(MetadataDirectory.raftPath(directory));
            var storage =
                    RaftStorage.newBuilder()
                            .setDirectory(group.toFile())
                            .setOption(RaftStorage.StartupOption.FORMAT)
                            .setLogCorruptionPolicy(CorruptionPolicy.EXCEPTION)
                            .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
                            .build();
            storage.initialize();
            storage.close();
        } catch (IOException e) {
            throw new QuorumException.Io(group, "format", e);
        }
        AtomicFile.syncDirectory(group.resolve("current"));
        AtomicFile.syncDirectory(group);
        AtomicFile.syncParent(group);
        AtomicFile.syncDirectory(directory);
    }

    /// Refuses a group that is missing, foreign, or has lost its vote.
    ///
    /// @throws QuorumException.WipedDirectory term and vote are gone
    /// @throws QuorumException.ForeignDirectory another group is there, which the library would
    ///   open too
    static void check(MetadataDirectory directory) {
        var path = directory.path();
        var clusterId = directory.identity().clusterId().toString();
        var raftPath = directory.raftPath();
        if (!Files.isDirectory(raftPath)) {
            throw new QuorumException.WipedDirectory(path, "raft/ is missing");
        }
        try (var groups = Files.newDirectoryStream(raftPath)) {
            for (var group : groups) {
                var name = String.valueOf(group.getFileName());
                if (!name.equals(clusterId)) {
                    throw new QuorumException.ForeignDirectory(path, "Raft group", clusterId, name);
                }
            }
        } catch (IOException e) {
            throw new QuorumException.Io(raftPath, "list", e);
        }
        checkVote(path, groupPath(path, directory.identity()).resolve("current"));
    }

    private static void checkVote(Path path, Path current) {
        var file = current.resolve(VOTE_FILE);
        if (!Files.exists(file)) {
            throw new QuorumException.WipedDirectory(path, VOTE_FILE + " is missing");
        }
        var properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new QuorumException.Io(file, "read", e);
        }
        if (properties.getProperty("term") == null) {
            throw new QuorumException.WipedDirectory(path, VOTE_FILE + " has no term");
        }
    }

    private static Path groupPath(Path directory, DirectoryIdentity identity) {
        return MetadataDirectory.raftPath(directory).resolve(identity.clusterId().toString());
    }
}
