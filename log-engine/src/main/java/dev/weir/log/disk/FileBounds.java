// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// The argument rules of [DiskFile], one place for every disk.
public final class FileBounds {

    private FileBounds() {}

    /// An allocation begins at the end of the file and grows it.
    public static void checkAllocate(Path path, long fromBytes, long toBytes, long sizeBytes) {
        if (fromBytes != sizeBytes || toBytes <= fromBytes) {
            throw refused(path, "allocate [" + fromBytes + ", " + toBytes + ")", sizeBytes);
        }
    }

    /// A write leaves no gap.
    public static void checkWrite(Path path, long position, long sizeBytes) {
        if (position < 0 || position > sizeBytes) {
            throw refused(path, "write at " + position, sizeBytes);
        }
    }

    /// A read begins at a real position, which may be behind the end.
    public static void checkRead(Path path, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("read at " + position + ": " + path);
        }
    }

    /// A trim does not grow.
    public static void checkTrim(Path path, long toBytes, long sizeBytes) {
        if (toBytes < 0 || toBytes > sizeBytes) {
            throw refused(path, "trim to " + toBytes, sizeBytes);
        }
    }

    /// A mapping is not empty and ends in the file.
    public static void checkMap(Path path, long bytes, long sizeBytes) {
        if (bytes < 1 || bytes > sizeBytes) {
            throw refused(path, "map " + bytes, sizeBytes);
        }
    }

    /// A slice lies inside its mapping.
    public static void checkSlice(Path path, long position, int bytes, long sizeBytes) {
        if (position < 0 || bytes < 0 || position > sizeBytes - bytes) {
            throw refused(path, "slice of " + bytes + " at " + position, sizeBytes);
        }
    }

    /// Bytes that a gathering write will write.
    public static long remaining(ByteBuffer... sources) {
        var total = 0L;
        for (var source : sources) {
            total += source.remaining();
        }
        return total;
    }

    private static IllegalArgumentException refused(Path path, String what, long sizeBytes) {
        return new IllegalArgumentException(what + " of " + sizeBytes + " bytes: " + path);
    }
}
