// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;

class FailStopDiskTest {

    private static final Path HOME = Path.of("/log");

    private final SimulatedDisk simulated = new SimulatedDisk();
    private final ArrayList<LogException.DiskFailedException> heard = new ArrayList<>();
    private final FailStopDisk disk = new FailStopDisk(simulated, heard::add);

    @BeforeEach
    void makeHome() {
        disk.createDirectories(HOME);
    }

    @Test
    void believesNoFlushAfterOneThatFailed() {
        var file = disk.create(HOME.resolve("f"));
        var other = disk.create(HOME.resolve("g"));
        file.write(0, ByteBuffer.wrap(new byte[] {1}));
        failNext(DiskOperation.Kind.FLUSH);
        assertThatThrownBy(file::flush).isInstanceOf(LogException.DiskFailedException.class);

        assertThatThrownBy(file::flush)
                .isInstanceOf(LogException.DiskFailedException.class)
                .hasCauseInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(other::flush).isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> disk.syncDirectory(HOME))
                .isInstanceOf(LogException.DiskFailedException.class);
    }

    @Test
    void takesNothingMoreButStillReads() {
        var file = disk.create(HOME.resolve("f"));
        file.write(0, ByteBuffer.wrap(new byte[] {7}));
        failNext(DiskOperation.Kind.SYNC_DIRECTORY);
        assertThatThrownBy(() -> disk.syncDirectory(HOME))
                .isInstanceOf(LogException.DiskFailedException.class);

        assertThatThrownBy(() -> disk.create(HOME.resolve("g")))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> disk.rename(HOME.resolve("f"), HOME.resolve("g")))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> disk.delete(HOME.resolve("f")))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> file.write(1, ByteBuffer.allocate(1)))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> file.allocate(1, 2))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(() -> file.trimTo(0))
                .isInstanceOf(LogException.DiskFailedException.class);
        var read = ByteBuffer.allocate(1);
        assertThat(file.read(0, read)).isEqualTo(1);
        assertThat(read.get(0)).isEqualTo((byte) 7);
        assertThat(disk.list(HOME)).hasSize(1);
    }

    @Test
    void tellsOfTheFirstFailureOnce() {
        var file = disk.create(HOME.resolve("f"));
        failNext(DiskOperation.Kind.WRITE);
        assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(1)))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThatThrownBy(file::flush).isInstanceOf(LogException.DiskFailedException.class);

        assertThat(heard).hasSize(1);
        assertThat(disk.failure()).hasValue(heard.getFirst());
    }

    @Test
    void aFullDiskOrAMissingFileStopsNothing() {
        var file = disk.create(HOME.resolve("f"));
        simulated.limitTo(10);
        assertThatThrownBy(() -> file.allocate(0, 11))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThatThrownBy(() -> disk.open(HOME.resolve("none")))
                .isInstanceOf(LogException.MissingFileException.class);

        file.allocate(0, 10);
        file.flush();
        assertThat(disk.failure()).isEmpty();
    }

    private void failNext(DiskOperation.Kind kind) {
        var done = new boolean[1];
        simulated.inject(
                operation -> {
                    if (operation.kind() == kind && !done[0]) {
                        done[0] = true;
                        return new Fault.IoError();
                    }
                    return new Fault.None();
                });
    }
}
