// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.identity;

import dev.weir.metadata.QuorumException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Files that are either the old or the new content, whatever happens in between.
public final class AtomicFile {

    private AtomicFile() {}

    /// Replaces `file` with `content`: temporary file, fsync, rename, fsync of the directory.
    ///
    /// Durable on return.
    ///
    /// @throws QuorumException.Io the old content stands
    public static void write(Path file, byte[] content) {
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (var channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                var buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncParent(file);
        } catch (IOException e) {
            throw new QuorumException.Io(file, "write", e);
        }
    }

    /// Makes the name of `file` durable in its directory.
    public static void syncParent(Path file) {
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    /// Makes the names in a directory durable: creations, renames and deletions.
    public static void syncDirectory(Path directory) {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new QuorumException.Io(directory, "sync", e);
        }
    }
}
