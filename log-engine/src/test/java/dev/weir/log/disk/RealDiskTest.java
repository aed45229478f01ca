// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// What only a real file system can show.
class RealDiskTest {

    /// A device of the kernel that is always full.
    private static final Path FULL = Path.of("/dev/full");

    @TempDir Path home;

    private final RealDisk disk = new RealDisk();

    @Test
    void namesAFullDiskByItsOwnType() {
        try (var file = disk.open(FULL)) {
            assertThatThrownBy(() -> file.allocate(0, 4096))
                    .isInstanceOfSatisfying(
                            LogException.DiskFullException.class,
                            e -> {
                                assertThat(e.path()).isEqualTo(FULL);
                                assertThat(e.requestedBytes()).isEqualTo(4096);
                            });
            assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(10)))
                    .isInstanceOf(LogException.DiskFullException.class);
        }
    }

    @Test
    void aFullDiskDuringAFlushIsAFailedDisk() {
        var error = new IOException("No space left on device");

        assertThat(IoErrors.ofFlush(FULL, "flush", error))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThat(IoErrors.of(FULL, "write", 1, error))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThat(IoErrors.of(FULL, "write", 1, new IOException("Input/output error")))
                .isInstanceOf(LogException.DiskFailedException.class);
    }

    @Test
    void anInterruptIsAFailureOfTheDisk() {
        try (var file = disk.create(home.resolve("f"))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(10)))
                    .isInstanceOf(LogException.DiskFailedException.class);
        } finally {
            Thread.interrupted();
        }
    }
}
