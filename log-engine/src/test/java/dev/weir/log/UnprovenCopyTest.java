// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;
import static dev.weir.log.LogFixture.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Every flush of batches and sidecars failed above the recovery point, so that the system takes
/// their pages for clean, and an operator cleared that: what the next process keeps is on stable
/// storage when its log is open, wherever power is lost before and after.
class UnprovenCopyTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final int RECORDS = 90;

    private SimulatedDisk disk = new SimulatedDisk();
    private LogFixture fixture = LogFixture.formatted(disk, DIRECTORY);
    private List<ByteBuffer> written = List.of();

    /// Ninety records in several segments, durable up to an offset, everything else in memory only.
    ///
    /// @param firstFailing what the first file whose flush fails is called at its end
    private void failAndClear(int proved, String firstFailing) {
        var directory = fixture.open();
        var log = LogFixture.log(directory);
        for (var i = 0; i < RECORDS; i++) {
            log.append(batch("record " + i, 1), i / 35, 0);
            if (i + 1 == proved) {
                flush(log);
                directory.checkpoint();
            }
        }
        assertThat(log.segments()).hasSizeGreaterThan(2);
        written = LogFixture.batches(log, 0, 1 << 20);
        failFlushesOf(firstFailing);
        assertThat(flush(log)).isInstanceOf(FlushResult.Failed.class);
        failFlushesOf("");
        for (var path : disk.list(fixture.partitionPath())) {
            try (var file = disk.open(path)) {
                assertThatThrownBy(file::flush).isInstanceOf(LogException.class);
            }
        }
        disk.inject(_ -> new Fault.None());
        disk.delete(DIRECTORY.resolve(FailedMarker.FILE));
        disk.syncDirectory(DIRECTORY);
        on(disk.restarted());
    }

    private void failFlushesOf(String end) {
        disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.FLUSH
                                        && operation.path().toString().endsWith(end)
                                ? new Fault.IoError()
                                : new Fault.None());
    }

    private void on(SimulatedDisk next) {
        disk = next;
        fixture = fixture.on(next);
    }

    private PartitionLog open(SimulatedDisk from, RecoveryMode mode) {
        var directory = fixture.on(from).open();
        return PartitionLog.open(directory, LogFixture.PARTITION, LogFixture.SMALL, mode, 0);
    }

    private PartitionLog open(RecoveryMode mode) {
        return open(disk, mode);
    }

    private static List<ByteBuffer> content(PartitionLog log) {
        return LogFixture.batches(log, 0, 1 << 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 40, 89})
    void whatIsKeptIsThereAfterAPowerLoss(int proved) {
        failAndClear(proved, "");

        assertThat(content(open(RecoveryMode.KEEP_VALID_PREFIX))).isEqualTo(written);

        on(disk.crashed(CrashPolicy.none()));
        var log = open(RecoveryMode.KEEP_ALL);
        assertThat(content(log)).isEqualTo(written);
        log.append(batch("later", 1), 3, 0);
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(RECORDS + 1));
        on(disk.crashed(CrashPolicy.none()));
        assertThat(open(RecoveryMode.KEEP_ALL).logEndOffset()).isEqualTo(RECORDS + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 40, 89})
    void aCrashAtAnyOperationLosesNothingThatWasDurableAndNoProcessMore(int proved) {
        failAndClear(proved, "");
        disk.observe(
                operation -> {
                    var number = operation.number();
                    var died = disk.restarted();
                    assertThat(content(open(died, RecoveryMode.KEEP_VALID_PREFIX)))
                            .as("the process died after %s", operation)
                            .isEqualTo(written);
                    assertThat(content(open(afterPowerLoss(died), RecoveryMode.KEEP_ALL)))
                            .as("and power was lost later", operation)
                            .isEqualTo(written);
                    for (var policy :
                            List.of(
                                    CrashPolicy.none(),
                                    CrashPolicy.onlyMetadata(),
                                    CrashPolicy.random(number),
                                    CrashPolicy.random(-number))) {
                        var lost = disk.crashed(policy);
                        var kept = content(open(lost, RecoveryMode.KEEP_VALID_PREFIX));
                        assertThat(kept)
                                .as("power was lost after %s, %s", operation, policy)
                                .hasSizeGreaterThanOrEqualTo(proved)
                                .isEqualTo(written.subList(0, kept.size()));
                        assertThat(content(open(afterPowerLoss(lost), RecoveryMode.KEEP_ALL)))
                                .isEqualTo(kept);
                    }
                });

        open(RecoveryMode.KEEP_VALID_PREFIX);
    }

    private static SimulatedDisk afterPowerLoss(SimulatedDisk recovered) {
        return recovered.crashed(CrashPolicy.none());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 40})
    void theOldTailDoesNotComeBackWhenTheCopyIsCutAway(int proved) {
        failAndClear(proved, SegmentFileName.SIDECAR);
        disk.observe(
                operation -> {
                    var died = disk.restarted();
                    var log = open(died, RecoveryMode.KEEP_VALID_PREFIX);
                    assertThat(log.truncateTo(proved)).isEqualTo(proved);

                    var later = open(afterPowerLoss(died), RecoveryMode.KEEP_ALL);

                    assertThat(content(later))
                            .as("the process died after %s", operation)
                            .isEqualTo(written.subList(0, proved));
                });

        open(RecoveryMode.KEEP_VALID_PREFIX);
    }
}
