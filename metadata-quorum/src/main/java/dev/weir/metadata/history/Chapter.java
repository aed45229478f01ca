// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.QuorumException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// One stretch of the history: an image, and the batches that followed it until the next chapter.
///
/// @param directory the history directory
/// @param baseOffset offset of the image it begins with; names its two files
/// @param beganMs wall time at which it began
record Chapter(Path directory, long baseOffset, long beganMs) {

    private static final String IMAGE_SUFFIX = ".image";
    private static final String DELTAS_SUFFIX = ".deltas";

    /// Digits of a file name, so that names sort as offsets do.
    private static final int NAME_DIGITS = 20;

    Path imageFile() {
        return directory.resolve(name(baseOffset) + IMAGE_SUFFIX);
    }

    Path deltasFile() {
        return directory.resolve(name(baseOffset) + DELTAS_SUFFIX);
    }

    static Path imageFile(Path directory, long baseOffset) {
        return directory.resolve(name(baseOffset) + IMAGE_SUFFIX);
    }

    /// The chapter whose image `file` is.
    ///
    /// @return null if it is no chapter's image
    static @Nullable Chapter ofImageFile(Path file) {
        var name = String.valueOf(file.getFileName());
        var parent = file.getParent();
        if (parent == null
                || name.length() != NAME_DIGITS + IMAGE_SUFFIX.length()
                || !name.endsWith(IMAGE_SUFFIX)) {
            return null;
        }
        try {
            var baseOffset = Long.parseLong(name.substring(0, NAME_DIGITS));
            return new Chapter(parent, baseOffset, BaseImageFile.timeMs(file));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /// Bytes on disk.
    long bytes() {
        try {
            var deltas = deltasFile();
            return Files.size(imageFile()) + (Files.exists(deltas) ? Files.size(deltas) : 0);
        } catch (IOException e) {
            throw new QuorumException.Io(imageFile(), "read the size of", e);
        }
    }

    /// Removes both files, the image first: without it the rest is a stray that the next open
    /// removes.
    void delete() {
        try {
            Files.deleteIfExists(imageFile());
            Files.deleteIfExists(deltasFile());
        } catch (IOException e) {
            throw new QuorumException.Io(imageFile(), "delete", e);
        }
    }

    private static String name(long baseOffset) {
        return String.format("%0" + NAME_DIGITS + "d", baseOffset);
    }
}
