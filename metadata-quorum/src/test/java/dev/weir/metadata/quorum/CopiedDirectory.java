// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A directory as a killed process would leave it.
final class CopiedDirectory {

    private CopiedDirectory() {}

    static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.equals(".lock") || name.equals("in_use.lock")) {
                    continue;
                }
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    copyFile(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copyFile(Path file, Path target) throws IOException {
        try {
            Files.copy(file, target);
        } catch (NoSuchFileException e) {
            // The running node removed it in the meantime, as it may.
        }
    }
}
