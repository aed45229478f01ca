// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;

class RoomDiskTest {

    private static final Path HOME = Path.of("/log");
    private static final long CAPACITY = 100_000;
    private static final long ROOM = 40_000;
    private static final int STEP = 1_000;

    private final SimulatedDisk simulated = new SimulatedDisk();
    private final RoomDisk disk = new RoomDisk(simulated, ROOM, ".log");

    @BeforeEach
    void makeHome() {
        simulated.limitTo(CAPACITY);
        disk.createDirectories(HOME);
    }

    @Test
    void recordsLeaveTheRoomToOthers() {
        var file = disk.create(HOME.resolve("0.log"));
        file.allocate(0, 30_000);
        var end = 30_000;

        while (end + STEP <= CAPACITY - ROOM) {
            file.write(end, ByteBuffer.allocate(STEP));
            end += STEP;
        }

        var full = end;
        assertThatThrownBy(() -> file.write(full, ByteBuffer.allocate(STEP)))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThatThrownBy(() -> file.allocate(full, full + STEP))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThat(file.sizeBytes()).isEqualTo(full);
        assertThat(disk.usableBytes(HOME)).isLessThan(STEP);
    }

    @Test
    void otherFilesMayTakeTheRoom() {
        var records = disk.create(HOME.resolve("0.log"));
        records.allocate(0, CAPACITY - ROOM);

        var other = disk.create(HOME.resolve("0.sidecar"));
        other.allocate(0, ROOM);

        assertThat(other.sizeBytes()).isEqualTo(ROOM);
    }

    @Test
    void writesIntoAllocatedSpaceGoOnWhenItIsFull() {
        var file = disk.create(HOME.resolve("0.log"));
        file.allocate(0, CAPACITY - ROOM);

        file.write(10, ByteBuffer.wrap(new byte[] {7}));

        var read = ByteBuffer.allocate(1);
        file.read(10, read);
        assertThat(read.get(0)).isEqualTo((byte) 7);
    }

    @Test
    void freedSpaceCountsAtOnce() {
        var first = disk.create(HOME.resolve("0.log"));
        first.allocate(0, CAPACITY - ROOM);
        var second = disk.create(HOME.resolve("1.log"));
        assertThatThrownBy(() -> second.allocate(0, STEP))
                .isInstanceOf(LogException.DiskFullException.class);

        first.trimTo(CAPACITY - ROOM - STEP);

        second.allocate(0, STEP);
        assertThat(second.sizeBytes()).isEqualTo(STEP);
    }

    @Test
    void spaceThatWasTrimmedAndIsWrittenAgainIsAskedForAgain() {
        var file = disk.create(HOME.resolve("0.log"));
        file.allocate(0, CAPACITY - ROOM);
        file.trimTo(0);
        disk.create(HOME.resolve("1.log")).allocate(0, CAPACITY - ROOM);

        assertThatThrownBy(() -> file.write(0, ByteBuffer.allocate(STEP)))
                .isInstanceOf(LogException.DiskFullException.class);
    }
}
