// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.producer.SequenceCheck;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// What opening makes of files that a crash, the disk or a person left.
class LogRecoveryTest {

    private static final int BATCH_BYTES = batch("aa", 1).remaining();

    private SimulatedDisk disk;
    private LogFixture fixture;
    private LogDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void openLog() {
        disk = new SimulatedDisk();
        fixture = LogFixture.formatted(disk, Path.of("/data"));
        directory = fixture.open();
        log = LogFixture.log(directory);
    }

    private void appendRecords(int count) {
        for (var i = 0; i < count; i++) {
            log.append(batch("%02d".formatted(log.logEndOffset()), 1), 1, 0);
        }
    }

    /// A crash that keeps everything written, with an optional change to the files.
    private void crash() {
        disk = disk.crashed(CrashPolicy.all());
        fixture = fixture.on(disk);
    }

    private void reopen() {
        directory = fixture.open();
        log = LogFixture.log(directory);
    }

    private Path file(long base, String suffix) {
        return fixture.partitionPath().resolve(SegmentFileName.of(base, suffix));
    }

    private void overwrite(Path path, long position, byte... bytes) {
        try (var file = disk.open(path)) {
            file.write(position, ByteBuffer.wrap(bytes));
        }
    }

    private List<String> rules() {
        return log.recovery().findings().stream().map(RecoveryReport.Finding::rule).toList();
    }

    private void expectRecords(long count) {
        assertThat(log.logEndOffset()).isEqualTo(count);
        assertThat(log.durableEndOffset()).isEqualTo(count);
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize((int) count);
        // And it goes on from there.
        log.append(batch("on", 1), 9, 0);
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize((int) count + 1);
    }

    @Test
    void keepsAHeadThatWasNotFlushedAndMakesItDurable() {
        appendRecords(30);
        // The process dies, the machine does not: nothing is lost, and nothing is durable.
        directory.close();
        reopen();
        assertThat(rules()).contains("WHOLE_HEAD");

        // A power loss right after recovery takes nothing of what it reported.
        disk = disk.crashed(CrashPolicy.none());
        fixture = fixture.on(disk);
        reopen();

        expectRecords(30);
    }

    @Test
    void cutsATornTail() {
        appendRecords(5);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 5L * BATCH_BYTES, new byte[] {1, 2, 3});
        reopen();

        assertThat(rules()).containsExactly("CUT_TORN_TAIL");
        expectRecords(5);
    }

    @Test
    void whatARefusedWriteLeftBehindALowerSegmentCutsNothingAbove() {
        appendRecords(60);
        var end = log.segments().getFirst().endOffset();
        assertThat(log.segments()).hasSizeGreaterThan(2);
        crash();
        overwrite(file(0, SegmentFileName.LOG), end * BATCH_BYTES, new byte[] {1, 2, 3});
        reopen();

        assertThat(rules()).containsOnly("WHOLE_HEAD");
        expectRecords(60);
    }

    @Test
    void cutsAtABatchWithAWrongCrcThatWasNeverDurable() {
        appendRecords(5);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 4L * BATCH_BYTES - 1, (byte) 99);
        reopen();

        assertThat(rules()).containsExactly("CUT_BAD_CRC");
        expectRecords(3);
    }

    @Test
    void neverWritesOverATornTail() {
        appendRecords(5);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 5L * BATCH_BYTES, new byte[] {1, 2, 3});
        reopen();
        log.append(batch("on", 1), 9, 0);

        assertThat(log.segments()).extracting(SegmentInfo::baseOffset).containsExactly(0L, 5L);
        try (var segment = disk.open(file(0, SegmentFileName.LOG))) {
            var tail = ByteBuffer.allocate(3);
            segment.read(5L * BATCH_BYTES, tail);
            assertThat(tail.array()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void refusesDamageToBytesThatHadBeenDurableAndChangesNothing() {
        appendRecords(5);
        LogFixture.flush(log);
        directory.checkpoint();
        appendRecords(2);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 3L * BATCH_BYTES - 1, (byte) 99);
        disk.delete(file(0, SegmentFileName.SIDECAR));
        var before = disk.list(fixture.partitionPath());

        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogException.CorruptLogException.class)
                .hasMessageContaining("DURABLE_BYTES_DAMAGED");
        assertThat(disk.list(fixture.partitionPath())).isEqualTo(before);
    }

    @Test
    void keepsTheValidPrefixOnAnOperatorsOrder() {
        appendRecords(5);
        LogFixture.flush(log);
        directory.checkpoint();
        crash();
        overwrite(file(0, SegmentFileName.LOG), 3L * BATCH_BYTES - 1, (byte) 99);
        disk.delete(file(0, SegmentFileName.SIDECAR));
        directory = fixture.open();
        log =
                PartitionLog.open(
                        directory,
                        LogFixture.PARTITION,
                        LogFixture.SMALL,
                        RecoveryMode.KEEP_VALID_PREFIX,
                        0);

        assertThat(rules()).containsExactly("DURABLE_BYTES_DAMAGED");
        expectRecords(2);

        // The lower end is what later openings expect.
        log.close();
        directory.close();
        reopen();
        expectRecords(3);
    }

    @Test
    void refusesAMissingTailBelowTheRecoveryPoint() {
        appendRecords(5);
        LogFixture.flush(log);
        directory.checkpoint();
        crash();
        try (var segment = disk.open(file(0, SegmentFileName.LOG))) {
            segment.trimTo(4L * BATCH_BYTES);
        }

        assertThatThrownBy(this::reopen).isInstanceOf(LogException.CorruptLogException.class);
    }

    @Test
    void refusesAPartitionWhoseDurableDirectoryIsGone() {
        appendRecords(5);
        LogFixture.flush(log);
        directory.checkpoint();
        crash();
        disk.list(fixture.partitionPath()).forEach(disk::delete);
        disk.delete(fixture.partitionPath());

        assertThatThrownBy(this::reopen).isInstanceOf(LogException.CorruptLogException.class);
    }

    @Test
    void rebuildsAMissingSidecar() {
        appendRecords(40);
        log.close();
        directory.close();
        crash();
        disk.delete(file(0, SegmentFileName.SIDECAR));
        reopen();

        assertThat(rules()).contains("WHOLE_SIDECAR_REBUILT");
        expectRecords(40);
    }

    @Test
    void rebuildsADamagedSidecar() {
        appendRecords(40);
        log.close();
        directory.close();
        crash();
        overwrite(file(0, SegmentFileName.SIDECAR), 20, (byte) 99);
        reopen();

        assertThat(rules()).contains("WHOLE_SIDECAR_REBUILT");
        expectRecords(40);
    }

    @Test
    void refusesTheSidecarOfAnotherPartition() {
        appendRecords(5);
        var other = new PartitionId(new UUID(8, 8), 0);
        try (var strange = PartitionLog.open(directory, other, LogFixture.SMALL, 0)) {
            strange.append(batch("zz", 1), 1, 0);
        }
        crash();
        var strangers =
                fixture.partitionPath()
                        .resolveSibling(other.directoryName())
                        .resolve(SegmentFileName.of(0, SegmentFileName.SIDECAR));
        disk.rename(strangers, file(0, SegmentFileName.SIDECAR));

        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogException.CorruptLogException.class)
                .hasMessageContaining("FOREIGN_SIDECAR");
    }

    @Test
    void ignoresAStaleSidecarOfAnEarlierSegmentOfThisName() {
        appendRecords(3);
        LogFixture.flush(log);
        log.truncateTo(2);
        var stale = sidecarBytes();
        log.truncateTo(0);
        appendRecords(9);
        crash();
        disk.delete(file(0, SegmentFileName.SIDECAR));
        try (var sidecar = disk.create(file(0, SegmentFileName.SIDECAR))) {
            sidecar.write(0, stale);
        }
        // Other batches than those that the old one was about.
        overwriteEpochs();
        reopen();

        assertThat(rules()).containsExactly("WHOLE_SIDECAR_REBUILT");
        expectRecords(9);
    }

    // The leader epoch is outside the batch CRC, but not outside the sidecar's chain.
    private void overwriteEpochs() {
        for (var i = 0; i < 9; i++) {
            overwrite(file(0, SegmentFileName.LOG), (long) i * BATCH_BYTES + 15, (byte) 2);
        }
    }

    private ByteBuffer sidecarBytes() {
        try (var sidecar = disk.open(file(0, SegmentFileName.SIDECAR))) {
            var bytes = ByteBuffer.allocate((int) sidecar.sizeBytes());
            sidecar.read(0, bytes);
            return bytes.flip();
        }
    }

    @Test
    void findsAWriteThatIsNotWhatTheSidecarSays() {
        appendRecords(30);
        log.close();
        directory.close();
        crash();
        // As if the batches of another time had been written there: valid, but not these.
        overwrite(file(0, SegmentFileName.LOG), 3L * BATCH_BYTES + 15, (byte) 0);
        disk.delete(fixture.partitionPath().resolve("leader-epochs"));

        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogException.CorruptLogException.class)
                .hasMessageContaining("DURABLE_BYTES_DAMAGED");
    }

    @Test
    void cutsWhereTheEpochFalls() {
        appendRecords(5);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 3L * BATCH_BYTES + 15, (byte) 0);
        reopen();

        assertThat(rules()).containsExactly("CUT_EPOCH_FALLS");
        expectRecords(3);
    }

    @Test
    void cutsWhereTheOffsetFalls() {
        appendRecords(5);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 3L * BATCH_BYTES + 7, (byte) 1);
        reopen();

        assertThat(rules()).containsExactly("CUT_OFFSET_FALLS");
        expectRecords(3);
    }

    @Test
    void dropsSegmentsAboveACut() {
        appendRecords(60);
        assertThat(log.segments()).hasSizeGreaterThan(2);
        crash();
        overwrite(file(0, SegmentFileName.LOG), 2L * BATCH_BYTES - 1, (byte) 99);
        reopen();

        assertThat(rules()).startsWith("CUT_BAD_CRC", "ABOVE_A_CUT");
        expectRecords(1);
    }

    @Test
    void dropsSegmentsAboveALostTailThatEndsAtABatchBoundary() {
        appendRecords(30);
        var bases = log.segments().stream().map(SegmentInfo::baseOffset).toList();
        assertThat(bases).hasSizeGreaterThan(1);
        crash();
        try (var segment = disk.open(file(0, SegmentFileName.LOG))) {
            segment.trimTo((bases.get(1) - 1) * BATCH_BYTES);
        }
        reopen();

        assertThat(rules()).contains("LOST_TAIL_BELOW");
        expectRecords(bases.get(1) - 1);
    }

    @Test
    void dropsWhatFollowsAMissingSegment() {
        appendRecords(60);
        var second = log.segments().get(1).baseOffset();
        crash();
        disk.delete(file(second, SegmentFileName.LOG));
        reopen();

        assertThat(rules()).contains("LOST_TAIL_BELOW");
        expectRecords(second);
    }

    @Test
    void refusesAMissingSegmentThatHadBeenDurable() {
        appendRecords(60);
        LogFixture.flush(log);
        directory.checkpoint();
        var second = log.segments().get(1).baseOffset();
        crash();
        disk.delete(file(second, SegmentFileName.LOG));

        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogException.CorruptLogException.class)
                .hasMessageContaining("DURABLE_SEGMENT_MISSING");
    }

    @Test
    void ignoresWhatLiesAboveTheNextSegmentsBase() {
        appendRecords(8);
        log.truncateTo(5);
        log.append(batch("on", 1), 2, 0);
        LogFixture.flush(log);
        var before = LogFixture.batches(log, 0, 10_000);
        crash();
        // Without its sidecar nothing but the next base says where the first segment was cut.
        disk.delete(file(0, SegmentFileName.SIDECAR));
        reopen();

        assertThat(LogFixture.batches(log, 0, 10_000)).isEqualTo(before);
        expectRecords(6);
    }

    @Test
    void doesNotBringBackWhatATruncationCut() {
        appendRecords(8);
        LogFixture.flush(log);
        log.truncateTo(5);
        disk = disk.crashed(CrashPolicy.none());
        fixture = fixture.on(disk);
        reopen();

        expectRecords(5);
    }

    @Test
    void removesLeftovers() {
        appendRecords(3);
        crash();
        var partition = fixture.partitionPath();
        for (var name :
                List.of(
                        "00000000000000000007.log.00ff.gone",
                        "00000000000000000009.sidecar",
                        "0000000000000abc.prepared",
                        "leader-epochs.tmp")) {
            if (!disk.exists(partition.resolve(name))) {
                disk.create(partition.resolve(name)).close();
            }
        }
        reopen();

        assertThat(rules()).filteredOn("LEFTOVER_REMOVED"::equals).hasSizeGreaterThanOrEqualTo(4);
        expectRecords(3);
    }

    @Test
    void keepsFilesItDoesNotKnow() {
        appendRecords(3);
        crash();
        var strange = fixture.partitionPath().resolve("notes.txt");
        disk.create(strange).close();
        reopen();

        assertThat(disk.exists(strange)).isTrue();
    }

    @Test
    void readsOnlyWhatWasNotKnownToBeDurable() {
        appendRecords(200);
        LogFixture.flush(log);
        directory.checkpoint();
        crash();
        reopen();

        assertThat(log.recovery().scannedBytes())
                .isLessThanOrEqualTo(LogFixture.SMALL.segmentBytes());
        expectRecords(200);
    }

    @Test
    void rebuildsTheEpochHistoryWhereItsFileIsLost() {
        appendRecords(3);
        log.append(batch("bb", 1), 4, 0);
        log.append(batch("cc", 1), 7, 0);
        var epochs = log.epochs();
        log.close();
        directory.close();
        crash();
        disk.delete(fixture.partitionPath().resolve("leader-epochs"));
        reopen();

        assertThat(log.epochs()).isEqualTo(epochs);
    }

    @Test
    void replaysProducersFromTheNewestSnapshot() {
        for (var i = 0; i < 60; i++) {
            log.append(LogFixture.batchOf(5, i, "p" + i), 1, 0);
        }
        LogFixture.flush(log);
        log.append(LogFixture.batchOf(5, 60, "last"), 1, 0);
        crash();
        reopen();

        assertThat(log.checkSequence(5, (short) 0, 61, 1, 0))
                .isInstanceOf(SequenceCheck.InOrder.class);
        assertThat(log.checkSequence(5, (short) 0, 60, 1, 0))
                .isEqualTo(new SequenceCheck.Duplicate(60, 60));
    }
}
