// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.LogException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Which boot of the operating system this is: while it stays the same, the page cache has lost
/// nothing that any process wrote.
///
/// @param value opaque; at most 128 characters
public record BootId(String value) {

    private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int CHARS_MAX = 128;

    /// Refuses an empty or oversized value.
    public BootId {
        if (value.isBlank() || value.length() > CHARS_MAX) {
            throw new IllegalArgumentException("boot id of " + value.length() + " characters");
        }
    }

    /// The running system's boot id. Linux only.
    public static BootId ofThisMachine() {
        return readFrom(FILE);
    }

    /// Reads a boot id from a file.
    static BootId readFrom(Path file) {
        try {
            return new BootId(Files.readString(file).strip());
        } catch (NoSuchFileException _) {
            throw new LogException.MissingFileException(file);
        } catch (IOException e) {
            throw new LogException.DiskFailedException(file, "read", e);
        }
    }
}
