// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;
import dev.weir.log.disk.DiskFile;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;

class SimulatedDiskTest {

    private static final Path HOME = Path.of("/log");
    private static final Path FILE = HOME.resolve("f");
    private static final int SECTOR = 512;

    private final SimulatedDisk disk = new SimulatedDisk();

    @BeforeEach
    void makeHome() {
        disk.createDirectories(HOME);
        disk.syncDirectory(Path.of("/"));
    }

    @Test
    void forgetsBytesAndSizesThatWereNotFlushed() {
        var file = durableFile(SECTOR, 1);
        file.write(0, filled(2 * SECTOR, 2));

        var after = disk.crashed(CrashPolicy.none());

        assertThat(content(after, FILE)).isEqualTo(filled(SECTOR, 1).array());
        assertThat(content(disk, FILE)).isEqualTo(filled(2 * SECTOR, 2).array());
    }

    @Test
    void keepsWhatWasFlushed() {
        var file = durableFile(SECTOR, 1);
        file.write(0, filled(2 * SECTOR, 2));
        file.flush();

        assertThat(content(disk.crashed(CrashPolicy.none()), FILE))
                .isEqualTo(filled(2 * SECTOR, 2).array());
    }

    @Test
    void keepsEverythingInAProcessCrash() {
        var file = durableFile(SECTOR, 1);
        file.write(0, filled(2 * SECTOR, 2));
        disk.rename(FILE, HOME.resolve("g"));

        var after = disk.crashed(CrashPolicy.all());

        assertThat(content(after, HOME.resolve("g"))).isEqualTo(filled(2 * SECTOR, 2).array());
        assertThat(after.exists(FILE)).isFalse();
    }

    @Test
    void newSpaceWhoseBytesAreLostReadsAsZeros() {
        var file = durableFile(SECTOR, 1);
        file.write(SECTOR, filled(SECTOR, 2));

        var bytes = content(disk.crashed(CrashPolicy.onlyMetadata()), FILE);

        assertThat(bytes).hasSize(2 * SECTOR);
        assertThat(Arrays.copyOf(bytes, SECTOR)).isEqualTo(filled(SECTOR, 1).array());
        assertThat(Arrays.copyOfRange(bytes, SECTOR, 2 * SECTOR)).containsOnly(0);
    }

    @Test
    void tearsAWriteBySectors() {
        var file = durableFile(8 * SECTOR, 1);
        file.write(0, filled(8 * SECTOR, 2));

        var seen = new HashSet<String>();
        for (var seed = 0; seed < 50; seed++) {
            var bytes = content(disk.crashed(CrashPolicy.random(seed)), FILE);
            var pattern = new StringBuilder();
            for (var at = 0; at < bytes.length; at += SECTOR) {
                var sector = Arrays.copyOfRange(bytes, at, at + SECTOR);
                assertThat(sector).containsOnly(sector[0]);
                pattern.append(sector[0]);
            }
            seen.add(pattern.toString());
        }
        assertThat(seen).hasSizeGreaterThan(10);
    }

    @Test
    void mayKeepAnOldSizeWithNewBytesAndANewSizeWithOldOnes() {
        var file = durableFile(SECTOR, 1);
        file.trimTo(10);

        var seen = new HashSet<Integer>();
        for (var seed = 0; seed < 50; seed++) {
            seen.add(content(disk.crashed(CrashPolicy.random(seed)), FILE).length);
        }
        assertThat(seen).containsExactlyInAnyOrder(10, SECTOR);
    }

    @Test
    void anEntryIsDurableOnlyAfterItsDirectoryWasSynced() {
        var file = disk.create(FILE);
        file.write(0, filled(SECTOR, 1));
        file.flush();
        assertThat(disk.crashed(CrashPolicy.none()).exists(FILE)).isFalse();

        disk.syncDirectory(HOME);
        assertThat(content(disk.crashed(CrashPolicy.none()), FILE)).hasSize(SECTOR);

        disk.rename(FILE, HOME.resolve("g"));
        assertThat(disk.crashed(CrashPolicy.none()).list(HOME)).containsExactly(FILE);

        disk.syncDirectory(HOME);
        assertThat(disk.crashed(CrashPolicy.none()).list(HOME)).containsExactly(HOME.resolve("g"));

        disk.delete(HOME.resolve("g"));
        assertThat(disk.crashed(CrashPolicy.none()).list(HOME)).hasSize(1);

        disk.syncDirectory(HOME);
        assertThat(disk.crashed(CrashPolicy.none()).list(HOME)).isEmpty();
    }

    @Test
    void aDirectoryIsGoneWithAllInItWhenItsOwnEntryWasNotSynced() {
        var child = HOME.resolve("p");
        disk.createDirectories(child);
        disk.create(child.resolve("f")).close();
        disk.syncDirectory(child);
        assertThat(disk.crashed(CrashPolicy.none()).exists(child)).isFalse();

        disk.syncDirectory(HOME);
        assertThat(disk.crashed(CrashPolicy.none()).list(child)).hasSize(1);
    }

    @Test
    void entriesSurviveIndependentlyAndARenameAsAWhole() {
        disk.create(FILE).close();
        disk.syncDirectory(HOME);
        disk.rename(FILE, HOME.resolve("g"));
        disk.create(HOME.resolve("h")).close();

        var seen = new HashSet<String>();
        for (var seed = 0; seed < 100; seed++) {
            var after = disk.crashed(CrashPolicy.random(seed));
            seen.add(after.list(HOME).toString());
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "[/log/f]", "[/log/g]", "[/log/f, /log/h]", "[/log/g, /log/h]");
    }

    @Test
    void aRenameAcrossDirectoriesNeedsBothSynced() {
        var other = Path.of("/other");
        disk.createDirectories(other);
        disk.syncDirectory(Path.of("/"));
        durableFile(SECTOR, 1);
        disk.rename(FILE, other.resolve("f"));
        disk.syncDirectory(other);
        assertThat(disk.crashed(CrashPolicy.none()).exists(FILE)).isTrue();

        disk.syncDirectory(HOME);
        assertThat(disk.crashed(CrashPolicy.none()).exists(FILE)).isFalse();
        assertThat(disk.crashed(CrashPolicy.none()).exists(other.resolve("f"))).isTrue();
    }

    @Test
    void isTheSameForTheSameSeed() {
        var file = durableFile(8 * SECTOR, 1);
        file.write(0, filled(9 * SECTOR, 2));

        for (var seed = 0; seed < 20; seed++) {
            assertThat(content(disk.crashed(CrashPolicy.random(seed)), FILE))
                    .isEqualTo(content(disk.crashed(CrashPolicy.random(seed)), FILE));
        }
    }

    @Test
    void aCopyAfterACrashDoesNotWriteIntoItsOrigin() {
        durableFile(SECTOR, 1);
        var after = disk.crashed(CrashPolicy.none());
        try (var file = after.open(FILE)) {
            file.write(0, filled(SECTOR, 9));
            file.flush();
        }

        assertThat(content(disk, FILE)).isEqualTo(filled(SECTOR, 1).array());
        assertThat(content(disk.crashed(CrashPolicy.none()), FILE))
                .isEqualTo(filled(SECTOR, 1).array());
        assertThat(content(after, FILE)).isEqualTo(filled(SECTOR, 9).array());
    }

    @Test
    void aRestartKeepsEverythingAndMakesNothingDurable() {
        var file = durableFile(SECTOR, 1);
        file.write(0, filled(2 * SECTOR, 2));
        disk.rename(FILE, HOME.resolve("g"));
        disk.create(HOME.resolve("h")).close();

        var next = disk.restarted();

        assertThat(content(next, HOME.resolve("g"))).isEqualTo(filled(2 * SECTOR, 2).array());
        assertThat(next.exists(HOME.resolve("h"))).isTrue();
        assertThat(content(next.crashed(CrashPolicy.none()), FILE))
                .isEqualTo(filled(SECTOR, 1).array());
        try (var again = next.open(HOME.resolve("g"))) {
            again.flush();
        }
        next.syncDirectory(HOME);
        assertThat(content(next.crashed(CrashPolicy.none()), HOME.resolve("g")))
                .isEqualTo(filled(2 * SECTOR, 2).array());
        assertThat(content(disk.crashed(CrashPolicy.none()), FILE))
                .isEqualTo(filled(SECTOR, 1).array());
    }

    @Test
    void aFailedFlushLosesTheBytesAndTheNextOneSaysOk() {
        var file = durableFile(SECTOR, 1);
        file.write(0, filled(SECTOR, 2));
        var flushes = new int[1];
        disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.FLUSH && flushes[0]++ == 0
                                ? new Fault.IoError()
                                : new Fault.None());
        assertThatThrownBy(file::flush).isInstanceOf(LogException.DiskFailedException.class);
        file.flush();

        assertThat(content(disk, FILE)).isEqualTo(filled(SECTOR, 2).array());
        assertThat(content(disk.crashed(CrashPolicy.all()), FILE))
                .isEqualTo(filled(SECTOR, 1).array());
    }

    @Test
    void tearsLosesAndMisdirectsWritesOnOrder() {
        var file = durableFile(4 * SECTOR, 1);
        onWrites(new Fault.Torn(SECTOR + 7));
        assertThatThrownBy(() -> file.write(0, filled(2 * SECTOR, 2)))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThat(content(disk, FILE)[SECTOR + 6]).isEqualTo((byte) 2);
        assertThat(content(disk, FILE)[SECTOR + 7]).isEqualTo((byte) 1);

        onWrites(new Fault.Lost());
        file.write(2 * SECTOR, filled(SECTOR, 3));
        onWrites(new Fault.Misdirected(-SECTOR));
        file.write(3 * SECTOR, filled(SECTOR, 4));
        file.flush();

        assertThat(content(disk, FILE)[2 * SECTOR]).isEqualTo((byte) 3);
        assertThat(content(disk, FILE)[3 * SECTOR]).isEqualTo((byte) 4);
        var after = content(disk.crashed(CrashPolicy.none()), FILE);
        assertThat(after[2 * SECTOR]).isEqualTo((byte) 4);
        assertThat(after[3 * SECTOR]).isEqualTo((byte) 1);
    }

    @Test
    void isFullWhenItsBudgetIsUsed() {
        var file = durableFile(SECTOR, 1);
        disk.limitTo(3 * SECTOR);
        assertThat(disk.usableBytes(HOME)).isEqualTo(2 * SECTOR);
        assertThatThrownBy(() -> file.allocate(SECTOR, 4 * SECTOR))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThat(file.sizeBytes()).isEqualTo(SECTOR);
        assertThatThrownBy(() -> file.write(SECTOR, filled(3 * SECTOR, 2)))
                .isInstanceOf(LogException.DiskFullException.class);

        file.allocate(SECTOR, 3 * SECTOR);
        file.close();
        disk.delete(FILE);
        assertThat(disk.usableBytes(HOME)).isEqualTo(3 * SECTOR);
    }

    @Test
    void crashesAtAnOperationAndStaysDown() {
        var before = disk.operations();
        disk.crashAt(before + 2);
        var file = disk.create(FILE);

        assertThatThrownBy(() -> file.write(0, filled(1, 1))).isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(() -> file.read(0, ByteBuffer.allocate(1)))
                .isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(() -> disk.exists(FILE)).isInstanceOf(SimulatedCrash.class);
        assertThat(disk.operations()).isEqualTo(before + 1);
        assertThat(content(disk.crashed(CrashPolicy.all()), FILE)).isEmpty();
    }

    private void onWrites(Fault fault) {
        disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.WRITE ? fault : new Fault.None());
    }

    private DiskFile durableFile(int bytes, int value) {
        var file = disk.create(FILE);
        file.write(0, filled(bytes, value));
        file.flush();
        disk.syncDirectory(HOME);
        return file;
    }

    private static ByteBuffer filled(int bytes, int value) {
        var array = new byte[bytes];
        Arrays.fill(array, (byte) value);
        return ByteBuffer.wrap(array);
    }

    private static byte[] content(SimulatedDisk disk, Path path) {
        try (var file = disk.open(path)) {
            var bytes = ByteBuffer.allocate((int) file.sizeBytes());
            assertThat(file.read(0, bytes)).isEqualTo(bytes.capacity());
            return bytes.array();
        }
    }
}
