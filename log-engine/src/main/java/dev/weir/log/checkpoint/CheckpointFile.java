// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.LogException;
import dev.weir.log.disk.Disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/// A small file that is only ever replaced as a whole: after a crash it holds the old content or
/// the new one, never a mixture.
///
/// Written as a [Frame] into `<name>.tmp`, flushed, renamed over the file, directory synced.
///
/// **Threading:** writes of one file are serialised by the caller.
public final class CheckpointFile {

    /// Ending of the name under which a new content is prepared. A file that carries it after a
    /// crash is rubbish and is overwritten by the next write.
    public static final String TMP_SUFFIX = ".tmp";

    private static final int FILE_BYTES_MAX = Frame.PAYLOAD_BYTES_MAX + 64;

    private final Disk disk;
    private final Path directory;
    private final String name;
    private final String kind;
    private final int version;

    /// @param directory holds the file; exists
    /// @param name of the file
    /// @param kind four ASCII letters, own to this kind of file
    /// @param version of the payload's layout that this program writes, and the newest it reads
    public CheckpointFile(Disk disk, Path directory, String name, String kind, int version) {
        this.disk = disk;
        this.directory = directory;
        this.name = name;
        this.kind = kind;
        this.version = version;
    }

    /// What a read found.
    public sealed interface Content {

        /// The file is whole.
        ///
        /// @param version of the payload's layout
        /// @param payload position 0
        record Present(int version, ByteBuffer payload) implements Content {}

        /// There is no such file.
        record Missing() implements Content {}

        /// The file is not what was written.
        ///
        /// @param reason for the log and the operator
        record Corrupt(String reason) implements Content {}
    }

    /// The file's name.
    public Path path() {
        return directory.resolve(name);
    }

    /// Replaces the content. Durable on return. When it throws, old or new content is there.
    public void write(byte[] payload) {
        replace(disk, directory, name, Frame.encode(kind, version, payload));
    }

    /// Reads the content. A file that a newer program wrote counts as corrupt, and says so.
    public Content read() {
        var bytes = readBytes(disk, path(), FILE_BYTES_MAX);
        if (bytes.isEmpty()) {
            return new Content.Missing();
        }
        return switch (Frame.decode(kind, version, bytes.get())) {
            case Frame.Decoded.Valid(var found, var payload) -> new Content.Present(found, payload);
            case Frame.Decoded.Corrupt(var reason) -> new Content.Corrupt(reason);
            case Frame.Decoded.TooNew(var found) ->
                    new Content.Corrupt(
                            "written by a newer version: layout "
                                    + found
                                    + ", this program reads up to "
                                    + version);
        };
    }

    /// Removes the file, if it is there. Durable on return.
    public void delete() {
        if (disk.exists(path())) {
            disk.delete(path());
            disk.syncDirectory(directory);
        }
    }

    /// Replaces a file by these bytes, framed already. Durable on return.
    public static void replace(Disk disk, Path directory, String name, byte[] bytes) {
        var tmp = directory.resolve(name + TMP_SUFFIX);
        if (disk.exists(tmp)) {
            disk.delete(tmp);
        }
        try (var out = disk.create(tmp)) {
            out.write(0, ByteBuffer.wrap(bytes));
            out.flush();
        }
        disk.rename(tmp, directory.resolve(name));
        disk.syncDirectory(directory);
    }

    /// Reads a whole small file.
    ///
    /// @return empty if there is none; of a file that is too large, one byte more than is allowed
    public static Optional<byte[]> readBytes(Disk disk, Path file, int bytesMax) {
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        try (var in = disk.open(file)) {
            var bytes = new byte[(int) Math.min(in.sizeBytes(), bytesMax + 1L)];
            var count = in.read(0, ByteBuffer.wrap(bytes));
            if (count != bytes.length) {
                throw new LogException.CorruptLogException(
                        file, count, bytes.length + " bytes", count + " bytes");
            }
            return Optional.of(bytes);
        }
    }
}
