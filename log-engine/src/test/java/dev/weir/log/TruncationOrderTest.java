// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The order in which a truncation touches the disk: whatever a crash leaves of it must be a log.
class TruncationOrderTest {

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<String> steps = new ArrayList<>();
    private LogDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void fillFourSegments() {
        var fixture = LogFixture.formatted(disk, Path.of("/data"));
        directory = fixture.open();
        log = LogFixture.log(directory);
        while (log.segments().size() < 4) {
            log.append(batch("some text", 1), 0, 0);
        }
        LogFixture.flush(log);
        directory.checkpoint();
        disk.observe(operation -> step(operation).ifPresent(steps::add));
    }

    private static Optional<String> step(DiskOperation operation) {
        var name = String.valueOf(operation.path().getFileName());
        return switch (operation.kind()) {
            case RENAME -> Optional.of("rename " + name);
            case SYNC_DIRECTORY -> Optional.of("sync " + name);
            case FLUSH -> Optional.of("flush " + name);
            case CREATE, ALLOCATE, WRITE, TRIM, CREATE_DIRECTORY, DELETE -> Optional.empty();
        };
    }

    private static String file(long base, String suffix) {
        return "%020d%s".formatted(base, suffix);
    }

    @Test
    void lowersTheRecoveryPointThenRenamesAwayHighestFirstEachDurablyThenRecordsTheCut() {
        var bases = log.segments().stream().map(SegmentInfo::baseOffset).toList();
        var sync = "sync " + LogFixture.PARTITION.directoryName();

        log.truncateTo(bases.get(1) + 2);

        assertThat(steps)
                .containsSubsequence(
                        "flush recovery-point-offset-checkpoint.tmp",
                        "rename recovery-point-offset-checkpoint.tmp",
                        "sync data",
                        "rename " + file(bases.get(3), ".log"),
                        sync,
                        "rename " + file(bases.get(3), ".sidecar"),
                        "rename " + file(bases.get(2), ".log"),
                        sync,
                        "rename " + file(bases.get(2), ".sidecar"),
                        "flush " + file(bases.get(1), ".sidecar"),
                        sync);
        assertThat(steps.indexOf("rename " + file(bases.get(3), ".log")) + 1)
                .isEqualTo(steps.indexOf("rename " + file(bases.get(3), ".sidecar")) - 1);
        assertThat(steps.getLast()).isEqualTo(sync);
    }

    @Test
    void neverTouchesTheBytesOfTheSegmentItCuts() {
        var keeper = log.segments().get(1);
        var written = new ArrayList<String>();
        disk.observe(
                operation -> {
                    var touches =
                            operation.kind() == DiskOperation.Kind.WRITE
                                    || operation.kind() == DiskOperation.Kind.TRIM
                                    || operation.kind() == DiskOperation.Kind.ALLOCATE;
                    if (touches && operation.path().equals(keeper.file())) {
                        written.add(operation.toString());
                    }
                });

        log.truncateTo(keeper.baseOffset() + 2);
        for (var i = 0; i < 20; i++) {
            log.append(batch("other", 1), 1, 0);
        }
        LogFixture.flush(log);

        assertThat(written).isEmpty();
    }
}
