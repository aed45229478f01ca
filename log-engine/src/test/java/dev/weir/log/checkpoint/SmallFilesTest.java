// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.RunningMarker.PreviousStop;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

class SmallFilesTest {

    private static final Path HOME = Path.of("/log");
    private static final UUID CLUSTER = new UUID(1, 1);
    private static final UUID DIRECTORY = new UUID(2, 2);
    private static final UUID INCARNATION = new UUID(3, 3);
    private static final BootId BOOT = new BootId("boot-1");
    private static final BootId OTHER_BOOT = new BootId("boot-2");
    private static final DirectoryIdentity IDENTITY = new DirectoryIdentity(CLUSTER, 4, DIRECTORY);

    private final SimulatedDisk disk = new SimulatedDisk();

    @BeforeEach
    void makeHome() {
        disk.createDirectories(HOME);
        disk.syncDirectory(Path.of("/"));
    }

    @Test
    void offsetsComeBackByPartition() {
        var offsets =
                Map.of(
                        new PartitionId(new UUID(9, 1), 0), 5L,
                        new PartitionId(new UUID(9, 1), 1), 0L,
                        new PartitionId(new UUID(-9, 1), 70_000), Long.MAX_VALUE);
        OffsetCheckpoint.highWatermarks(disk, HOME).write(offsets);
        OffsetCheckpoint.recoveryPoints(disk, HOME).write(Map.of());

        var after = disk.crashed(CrashPolicy.none());
        assertThat(OffsetCheckpoint.highWatermarks(after, HOME).read())
                .isEqualTo(new OffsetCheckpoint.Offsets.Present(new TreeMap<>(offsets)));
        assertThat(OffsetCheckpoint.recoveryPoints(after, HOME).read().orNone()).isEmpty();
    }

    @Test
    void oneKindOfOffsetsIsNotTakenForTheOther() {
        OffsetCheckpoint.highWatermarks(disk, HOME).write(Map.of());
        disk.rename(
                HOME.resolve(OffsetCheckpoint.HIGH_WATERMARK_FILE),
                HOME.resolve(OffsetCheckpoint.RECOVERY_POINT_FILE));

        assertThat(OffsetCheckpoint.recoveryPoints(disk, HOME).read())
                .isInstanceOf(OffsetCheckpoint.Offsets.Corrupt.class);
        assertThat(OffsetCheckpoint.highWatermarks(disk, HOME).read())
                .isEqualTo(new OffsetCheckpoint.Offsets.Missing());
    }

    @Test
    void refusesOffsetsThatAreCutShortOrNegative() {
        var file = new CheckpointFile(disk, HOME, OffsetCheckpoint.RECOVERY_POINT_FILE, "RCVP", 1);
        file.write(ByteBuffer.allocate(4).putInt(0, 1).array());
        assertThat(OffsetCheckpoint.recoveryPoints(disk, HOME).read())
                .isInstanceOf(OffsetCheckpoint.Offsets.Corrupt.class);
        file.write(ByteBuffer.allocate(32).putInt(0, 1).putLong(24, -1).array());
        assertThat(OffsetCheckpoint.recoveryPoints(disk, HOME).read())
                .isInstanceOf(OffsetCheckpoint.Offsets.Corrupt.class);
        file.write(ByteBuffer.allocate(5).array());
        assertThat(OffsetCheckpoint.recoveryPoints(disk, HOME).read())
                .isInstanceOf(OffsetCheckpoint.Offsets.Corrupt.class);
    }

    @Test
    void anIdentityIsWrittenOnceAndDurable() {
        assertThat(DirectoryIdentity.read(disk, HOME))
                .isEqualTo(new DirectoryIdentity.Found.Missing());
        IDENTITY.writeTo(disk, HOME);

        assertThat(DirectoryIdentity.read(disk.crashed(CrashPolicy.none()), HOME, CLUSTER, 4))
                .isEqualTo(new DirectoryIdentity.Found.Present(IDENTITY));
        assertThatThrownBy(() -> IDENTITY.writeTo(disk, HOME))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anIdentityOfAnotherClusterOrNodeIsForeign() {
        IDENTITY.writeTo(disk, HOME);

        assertThat(DirectoryIdentity.read(disk, HOME, new UUID(1, 2), 4))
                .isInstanceOf(DirectoryIdentity.Found.Foreign.class);
        assertThat(DirectoryIdentity.read(disk, HOME, CLUSTER, 5))
                .isInstanceOf(DirectoryIdentity.Found.Foreign.class);
    }

    @Test
    void anIdentityThatWasEditedIsCorrupt() {
        IDENTITY.writeTo(disk, HOME);
        var path = HOME.resolve(DirectoryIdentity.FILE);
        String text;
        try (var file = disk.open(path)) {
            var bytes = ByteBuffer.allocate((int) file.sizeBytes());
            file.read(0, bytes);
            text = new String(bytes.array(), StandardCharsets.UTF_8);
        }
        assertThat(text).startsWith("version=1\ncluster.id=" + CLUSTER + "\nnode.id=4\n");
        for (var edited :
                new String[] {
                    text.replace("node.id=4", "node.id=5"),
                    text + "x",
                    text.substring(0, text.length() - 1),
                    "",
                    "version=1\n",
                    text.repeat(40)
                }) {
            disk.delete(path);
            try (var file = disk.create(path)) {
                file.write(0, ByteBuffer.wrap(edited.getBytes(StandardCharsets.UTF_8)));
            }
            assertThat(DirectoryIdentity.read(disk, HOME))
                    .as(edited)
                    .isInstanceOf(DirectoryIdentity.Found.Corrupt.class);
        }
    }

    @Test
    void aDirectoryThatWasNeverConfirmedNeverRan() {
        assertThat(marker(BOOT).previousStop()).isEqualTo(PreviousStop.NEVER_RAN);
    }

    @Test
    void theSameBootMeansThatOnlyTheProcessDied() {
        marker(BOOT).markRunning(INCARNATION);

        assertThat(marker(BOOT).previousStop()).isEqualTo(PreviousStop.PROCESS_CRASH);
        assertThat(marker(BOOT).read())
                .hasValue(new RunningMarker.Marker(INCARNATION, DIRECTORY, BOOT, false));
    }

    @Test
    void anotherBootMeansThatTheMachineWentDownToo() {
        marker(BOOT).markRunning(INCARNATION);

        assertThat(marker(OTHER_BOOT).previousStop()).isEqualTo(PreviousStop.MACHINE_CRASH);
    }

    @Test
    void theAnswerStaysUntilTheRegistrationIsConfirmed() {
        marker(BOOT).markRunning(INCARNATION);
        var second = marker(OTHER_BOOT);
        second.previousStop();

        assertThat(marker(OTHER_BOOT).previousStop()).isEqualTo(PreviousStop.MACHINE_CRASH);
        second.markRunning(new UUID(3, 4));
        assertThat(marker(OTHER_BOOT).previousStop()).isEqualTo(PreviousStop.PROCESS_CRASH);
    }

    @Test
    void aCleanStopStaysCleanAcrossBootsUntilTheNextRun() {
        marker(BOOT).markRunning(INCARNATION);
        marker(BOOT).markClean(INCARNATION);
        assertThat(marker(OTHER_BOOT).previousStop()).isEqualTo(PreviousStop.CLEAN);

        marker(OTHER_BOOT).markRunning(new UUID(3, 4));
        assertThat(marker(OTHER_BOOT).previousStop()).isEqualTo(PreviousStop.PROCESS_CRASH);
    }

    @Test
    void aMarkerThatCannotBeBelievedCountsAsAMachineCrash() {
        marker(BOOT).markClean(INCARNATION);
        var other = new RunningMarker(disk, HOME, new UUID(2, 3), BOOT);
        assertThat(other.previousStop()).isEqualTo(PreviousStop.MACHINE_CRASH);

        try (var file = disk.open(HOME.resolve(RunningMarker.FILE))) {
            file.write(20, ByteBuffer.wrap(new byte[] {99}));
        }
        assertThat(marker(BOOT).previousStop()).isEqualTo(PreviousStop.MACHINE_CRASH);
        assertThat(marker(BOOT).read()).isEmpty();
    }

    @Test
    void thisMachineHasOneBootId(@TempDir Path temporary) throws IOException {
        assertThat(BootId.ofThisMachine()).isEqualTo(BootId.ofThisMachine());
        var file = temporary.resolve("boot_id");
        assertThatThrownBy(() -> BootId.readFrom(file))
                .isInstanceOf(LogException.MissingFileException.class);
        Files.writeString(file, "abc\n");
        assertThat(BootId.readFrom(file)).isEqualTo(new BootId("abc"));
    }

    private RunningMarker marker(BootId bootId) {
        return new RunningMarker(disk, HOME, DIRECTORY, bootId);
    }
}
