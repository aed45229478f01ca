// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;

/// What every [Disk] does, whichever one it is. Durability has its own test, on the simulated disk.
@ParameterizedClass
@EnumSource(DiskContractTest.Kind.class)
class DiskContractTest {

    enum Kind {
        REAL,
        REAL_FAIL_STOP,
        REAL_WITH_ROOM,
        SIMULATED,
        SIMULATED_FAIL_STOP
    }

    private static final Consumer<LogException.DiskFailedException> NOBODY = _ -> {};

    @Parameter Kind kind;

    @TempDir Path temporary;

    private Disk disk;
    private Path home;

    @BeforeEach
    void makeHome() {
        disk =
                switch (kind) {
                    case REAL -> new RealDisk();
                    case REAL_FAIL_STOP -> new FailStopDisk(new RealDisk(), NOBODY);
                    case REAL_WITH_ROOM -> new RoomDisk(new RealDisk(), 1, "");
                    case SIMULATED -> new SimulatedDisk();
                    case SIMULATED_FAIL_STOP -> new FailStopDisk(new SimulatedDisk(), NOBODY);
                };
        home = temporary.resolve("a").resolve("b");
        disk.createDirectories(home);
    }

    @Test
    void readsBackWhatAGatheringWriteWrote() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abc"), bytes(""), bytes("defgh"));
            file.write(3, bytes("XY"));

            assertThat(text(file, 0, 100)).isEqualTo("abcXYfgh");
            assertThat(file.sizeBytes()).isEqualTo(8);
        }
    }

    @Test
    void writesAllBytesOfMoreBuffersThanOneSystemCallTakes() {
        try (var file = disk.create(home.resolve("f"))) {
            var sources = new ByteBuffer[2500];
            for (var i = 0; i < sources.length; i++) {
                sources[i] = bytes(i % 10 + "");
            }
            file.write(0, sources);

            assertThat(file.sizeBytes()).isEqualTo(2500);
            assertThat(text(file, 2490, 100)).isEqualTo("0123456789");
            assertThat(sources).allMatch(source -> !source.hasRemaining());
        }
    }

    @Test
    void readsFewerBytesAtTheEndAndNoneBehindIt() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abc"));

            assertThat(file.read(2, ByteBuffer.allocate(10))).isEqualTo(1);
            assertThat(file.read(3, ByteBuffer.allocate(10))).isZero();
            assertThat(file.read(99, ByteBuffer.allocate(10))).isZero();
        }
    }

    @Test
    void readFillsFromTheBuffersPositionToItsLimit() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abcdef"));
            var direct = ByteBuffer.allocateDirect(6).position(1).limit(4);

            assertThat(file.read(2, direct)).isEqualTo(3);
            assertThat(direct.position()).isEqualTo(4);
            assertThat(direct.get(1)).isEqualTo((byte) 'c');
            assertThat(direct.get(0)).isZero();
        }
    }

    @Test
    void allocatedSpaceReadsAsZeros() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abc"));
            file.allocate(3, 3_000_000);

            assertThat(file.sizeBytes()).isEqualTo(3_000_000);
            var tail = ByteBuffer.allocate(3_000_000);
            assertThat(file.read(3, tail)).isEqualTo(2_999_997);
            assertThat(tail.flip()).isEqualTo(ByteBuffer.allocate(2_999_997));
        }
    }

    @Test
    void refusesToAllocateAnywhereButAtTheEnd() {
        try (var file = disk.create(home.resolve("f"))) {
            file.allocate(0, 10);

            assertThatThrownBy(() -> file.allocate(9, 20))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file.allocate(11, 20))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file.allocate(10, 10))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesAWriteThatWouldLeaveAGap() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("ab"));

            assertThatThrownBy(() -> file.write(3, bytes("x")))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file.write(-1, bytes("x")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatWasTrimmedAwayIsZeroWhenTheFileGrowsAgain() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abcdef"));
            file.trimTo(2);
            assertThat(file.sizeBytes()).isEqualTo(2);
            file.allocate(2, 6);

            assertThat(text(file, 0, 10)).isEqualTo("ab\0\0\0\0");
            assertThatThrownBy(() -> file.trimTo(7)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aMappingShowsLaterWritesAndOutlivesItsFile() {
        var path = home.resolve("f");
        var file = disk.create(path);
        file.allocate(0, 8192);
        file.write(0, bytes("abc"));
        var mapped = file.map(8192);
        file.write(3, bytes("def"));
        file.close();
        disk.delete(path);

        assertThat(mapped.sizeBytes()).isEqualTo(8192);
        assertThat(text(mapped.slice(1, 5))).isEqualTo("bcdef");
        assertThat(mapped.segment().byteSize()).isEqualTo(8192);
        assertThat(mapped.slice(0, 4).isReadOnly()).isTrue();
        assertThatThrownBy(() -> mapped.slice(8190, 3))
                .isInstanceOf(IllegalArgumentException.class);
        mapped.close();
        mapped.close();
        assertThatThrownBy(() -> mapped.slice(0, 1).get())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesToMapNothingOrMoreThanTheFileHas() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abc"));

            assertThatThrownBy(() -> file.map(4)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file.map(0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aClosedFileRefusesEveryCall() {
        var file = disk.create(home.resolve("f"));
        file.write(0, bytes("a"));
        file.close();
        file.close();

        assertThatThrownBy(() -> file.write(0, bytes("x")))
                .isInstanceOf(LogException.LogClosedException.class);
        assertThatThrownBy(() -> file.read(0, ByteBuffer.allocate(1)))
                .isInstanceOf(LogException.LogClosedException.class);
        assertThatThrownBy(file::flush).isInstanceOf(LogException.LogClosedException.class);
        assertThatThrownBy(file::sizeBytes).isInstanceOf(LogException.LogClosedException.class);
    }

    @Test
    void createsOnlyWhatIsNotThere() {
        disk.create(home.resolve("f")).close();

        assertThatThrownBy(() -> disk.create(home.resolve("f")))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> disk.create(home.resolve("none").resolve("f")))
                .isInstanceOf(LogException.MissingFileException.class);
        assertThatThrownBy(() -> disk.open(home.resolve("g")))
                .isInstanceOf(LogException.MissingFileException.class);
    }

    @Test
    void renameReplacesAFileAndKeepsHandlesValid() {
        var old = disk.create(home.resolve("old"));
        old.write(0, bytes("old"));
        try (var fresh = disk.create(home.resolve("new"))) {
            fresh.write(0, bytes("fresh"));
            disk.rename(home.resolve("new"), home.resolve("old"));
            fresh.write(5, bytes("!"));
        }

        assertThat(text(old, 0, 10)).isEqualTo("old");
        old.close();
        try (var file = disk.open(home.resolve("old"))) {
            assertThat(text(file, 0, 10)).isEqualTo("fresh!");
        }
        assertThat(disk.exists(home.resolve("new"))).isFalse();
    }

    @Test
    void renamesDirectoriesWithAllThatIsInThem() {
        disk.create(home.resolve("f")).close();
        var moved = temporary.resolve("a").resolve("c");
        disk.rename(home, moved);

        assertThat(disk.exists(home)).isFalse();
        assertThat(disk.list(moved)).containsExactly(moved.resolve("f"));
    }

    @Test
    void listsEntriesByNameAndKnowsDirectories() {
        disk.create(home.resolve("b")).close();
        disk.create(home.resolve("a")).close();
        disk.createDirectories(home.resolve("c"));

        assertThat(disk.list(home))
                .containsExactly(home.resolve("a"), home.resolve("b"), home.resolve("c"));
        assertThat(disk.isDirectory(home.resolve("c"))).isTrue();
        assertThat(disk.isDirectory(home.resolve("a"))).isFalse();
        assertThat(disk.isDirectory(home.resolve("none"))).isFalse();
        assertThatThrownBy(() -> disk.list(home.resolve("none")))
                .isInstanceOf(LogException.MissingFileException.class);
    }

    @Test
    void deletesFilesAndEmptyDirectoriesOnly() {
        var open = disk.create(home.resolve("f"));
        open.write(0, bytes("abc"));
        assertThatThrownBy(() -> disk.delete(home)).isInstanceOf(IllegalStateException.class);
        disk.delete(home.resolve("f"));
        assertThat(text(open, 0, 3)).isEqualTo("abc");
        open.close();
        disk.delete(home);

        assertThat(disk.exists(home)).isFalse();
        assertThatThrownBy(() -> disk.delete(home))
                .isInstanceOf(LogException.MissingFileException.class);
    }

    @Test
    void syncsDirectoriesAndFiles() {
        try (var file = disk.create(home.resolve("f"))) {
            file.write(0, bytes("abc"));
            file.flush();
        }
        disk.syncDirectory(home);

        assertThat(disk.usableBytes(home)).isPositive();
        assertThatThrownBy(() -> disk.syncDirectory(home.resolve("none")))
                .isInstanceOf(LogException.MissingFileException.class);
    }

    @Test
    void aDirectoryIsLockedByOne() {
        var lock = disk.lock(home);
        assertThatThrownBy(() -> disk.lock(home))
                .isInstanceOf(LogException.DirectoryLockedException.class)
                .hasMessageContaining(home.toString());
        lock.close();
        lock.close();

        disk.lock(home).close();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(DiskFile file, long position, int bytes) {
        var buffer = ByteBuffer.allocate(bytes);
        file.read(position, buffer);
        return text(buffer.flip());
    }

    private static String text(ByteBuffer buffer) {
        return StandardCharsets.UTF_8.decode(buffer).toString();
    }
}
