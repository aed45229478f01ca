// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;
import static dev.weir.log.LogFixture.flush;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;

/// A directory failed, and an operator removed the file that says so: what was written after the
/// last recovery point may be in memory only.
class UnprovenDirectoryTest {

    private static final Path DIRECTORY = Path.of("/data");

    private SimulatedDisk disk = new SimulatedDisk();
    private final LogFixture fixture = LogFixture.formatted(disk, DIRECTORY);
    private LogDirectory directory;

    /// One record below the recovery point, two above it.
    @BeforeEach
    void failAndClear() {
        var failed = fixture.open();
        var log = LogFixture.log(failed);
        log.append(batch("proved", 1), 0, 0);
        flush(log);
        failed.checkpoint();
        log.append(batch("flushed", 1), 0, 0);
        flush(log);
        log.append(batch("written", 1), 0, 0);
        disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.FLUSH
                                        && operation.path().toString().endsWith(".log")
                                ? new Fault.IoError()
                                : new Fault.None());
        assertThat(flush(log)).isInstanceOf(FlushResult.Failed.class);
        disk.inject(_ -> new Fault.None());
        log.close();
        failed.close();
        disk.delete(DIRECTORY.resolve(FailedMarker.FILE));
        directory = fixture.open();
    }

    private PartitionLog open(RecoveryMode mode) {
        return PartitionLog.open(directory, LogFixture.PARTITION, LogFixture.SMALL, mode, 0);
    }

    @Test
    void dropsWhatIsAboveTheRecoveryPointForGoodAndSaysSo() {
        var log = open(RecoveryMode.DROP_UNPROVEN);

        assertThat(log.logEndOffset()).isEqualTo(1);
        assertThat(log.recovery().logEndOffset()).isEqualTo(1);
        assertThat(log.recovery().findings())
                .anyMatch(finding -> finding.rule().equals("UNPROVEN_DROPPED"));
        directory.proved();
        var later = fixture.on(disk.crashed(CrashPolicy.none())).open();
        assertThat(LogFixture.log(later).logEndOffset()).isEqualTo(1);
        assertThat(later.isUnproven()).isFalse();
    }

    @Test
    void keepsEveryValidBatchWhereNobodyElseHasIt() {
        var log = open(RecoveryMode.KEEP_VALID_PREFIX);

        assertThat(log.logEndOffset()).isEqualTo(3);
    }

    @Test
    void isUnprovenUntilItIsSaidThatTheLogsWereRecovered() {
        assertThat(directory.isUnproven()).isTrue();
        directory.close();
        directory = fixture.open();
        assertThat(directory.isUnproven()).isTrue();

        directory.proved();

        assertThat(directory.isUnproven()).isFalse();
    }
}
