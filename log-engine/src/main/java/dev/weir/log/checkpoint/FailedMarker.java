// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.LogException;
import dev.weir.log.disk.Disk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The file `failed` of a log directory: an I/O error stopped it, and nobody has looked at the disk
/// since. Text, one line: the first error. When it was is the file's own time.
///
/// The system marks pages that a flush could not write clean. A process that starts again reads
/// them from memory, flushes them with success, and would take them for durable; this file keeps it
/// from that. An operator removes it. A second file, `unproven`, stays until the logs were
/// recovered accordingly: what lies above their recovery points is not taken for durable.
///
/// **Threading:** one writer.
public final class FailedMarker {

    /// Name of the file.
    public static final String FILE = "failed";

    /// Name of the file that stays when an operator has removed the other.
    public static final String UNPROVEN = "unproven";

    private static final int TEXT_BYTES_MAX = 1024;

    private FailedMarker() {}

    /// Writes it as well as a failed disk allows: even where its flush fails, the next process of
    /// the same system finds it. Throws nothing that the disk does.
    ///
    /// @param disk the one that failed, not one that refuses everything since
    public static void write(Disk disk, Path directory, String reason) {
        for (var name : List.of(UNPROVEN, FILE)) {
            try {
                writeFile(disk, directory.resolve(name), reason);
            } catch (LogException _) {
                // The disk is broken: whoever uses it knows already.
            }
        }
        try {
            disk.syncDirectory(directory);
        } catch (LogException _) {
            // As above.
        }
    }

    private static void writeFile(Disk disk, Path path, String reason) {
        if (disk.exists(path)) {
            return;
        }
        try (var file = disk.create(path)) {
            var text = reason.replaceAll("\\s+", " ").getBytes(StandardCharsets.UTF_8);
            var length = Math.min(text.length, TEXT_BYTES_MAX);
            file.write(0, ByteBuffer.wrap(text, 0, length));
            file.flush();
        }
    }

    /// Whether the directory failed, and its logs were not recovered since.
    public static boolean isUnproven(Disk disk, Path directory) {
        return disk.exists(directory.resolve(UNPROVEN));
    }

    /// The logs were recovered. Durable on return.
    public static void proved(Disk disk, Path directory) {
        disk.delete(directory.resolve(UNPROVEN));
        disk.syncDirectory(directory);
    }

    /// The error that the file names; empty where there is no such file.
    public static Optional<String> read(Disk disk, Path directory) {
        return CheckpointFile.readBytes(disk, directory.resolve(FILE), TEXT_BYTES_MAX)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
