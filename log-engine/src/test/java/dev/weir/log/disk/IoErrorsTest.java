// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.LogException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.stream.Stream;

class IoErrorsTest {

    private static final Path FILE = Path.of("/data/f");

    @Test
    void aLackOfDescriptorsOrMemoryIsNotTheDisksFault() {
        Stream.of(
                        new FileSystemException("/data/f", null, "Too many open files"),
                        new FileSystemException("/data/f", null, "Too many open files in system"),
                        new IOException("Map failed", new OutOfMemoryError("Map failed")),
                        new IOException("Cannot allocate memory"))
                .forEach(
                        error ->
                                assertThat(IoErrors.of(FILE, "open", error))
                                        .as(error.toString())
                                        .isInstanceOf(
                                                LogException.ResourcesExhaustedException.class)
                                        .hasCause(error));
    }

    @Test
    void aFlushThatFailsForWantOfMemoryIsAFailedDisk() {
        assertThat(IoErrors.ofFlush(FILE, "flush", new IOException("Cannot allocate memory")))
                .isInstanceOf(LogException.DiskFailedException.class);
    }
}
