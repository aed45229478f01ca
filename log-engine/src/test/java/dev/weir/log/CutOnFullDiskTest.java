// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;
import static dev.weir.log.LogFixture.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The disk becomes full at many different places of a truncation or reset: nothing else is taken
/// until it was finished, and a crash in between leaves a log.
class CutOnFullDiskTest {

    private static final long CUT = 7;
    private static final long LAST_LIMIT = 12_000;
    private static final long LIMIT_STEP = 61;

    private SimulatedDisk disk = new SimulatedDisk();
    private LogFixture fixture = LogFixture.formatted(disk, Path.of("/data"));
    private PartitionLog log = LogFixture.log(fixture.open());

    /// Twelve records of two epochs in several segments, all durable.
    private void fill() {
        disk = new SimulatedDisk();
        fixture = LogFixture.formatted(disk, Path.of("/data"));
        var directory = fixture.open();
        log = LogFixture.log(directory);
        for (var i = 0; i < 12; i++) {
            log.append(batch("record " + i, 1), i / 6, 0);
            flush(log);
        }
        directory.checkpoint();
    }

    private static List<ByteBuffer> content(PartitionLog log) {
        return LogFixture.batches(log, log.logStartOffset(), 1 << 20);
    }

    /// @return how often it found no room
    private int cutAtEveryLimit(Consumer<PartitionLog> cut, Consumer<PartitionLog> check) {
        var refused = 0;
        for (var limit = 0L; limit < LAST_LIMIT; limit += LIMIT_STEP) {
            fill();
            disk.limitTo(limit);
            try {
                cut.accept(log);
            } catch (LogException.DiskFullException _) {
                refused++;
                refusesEverythingElse();
                LogFixture.log(fixture.on(disk.crashed(CrashPolicy.none())).open());
                disk.limitTo(Long.MAX_VALUE);
                cut.accept(log);
            }
            disk.limitTo(Long.MAX_VALUE);
            check.accept(log);
            check.accept(LogFixture.log(fixture.on(disk.crashed(CrashPolicy.none())).open()));
            log.append(batch("later", 1), 3, 0);
            flush(log);
            var end = log.logEndOffset();
            var after = LogFixture.log(fixture.on(disk.crashed(CrashPolicy.none())).open());
            assertThat(after.logEndOffset()).as("limit %d", limit).isEqualTo(end);
        }
        return refused;
    }

    private void refusesEverythingElse() {
        assertThat(log.failure()).isEmpty();
        assertThatThrownBy(() -> log.append(batch("too early", 1), 3, 0))
                .isInstanceOf(IllegalStateException.class);
        assertThat(log.beginFlush()).isEmpty();
    }

    @Test
    void aTruncationIsFinishedLater() {
        fill();
        var kept = content(log).subList(0, (int) CUT);

        var refused =
                cutAtEveryLimit(
                        each -> assertThat(each.truncateTo(CUT)).isEqualTo(CUT),
                        each -> {
                            assertThat(each.logEndOffset()).isEqualTo(CUT);
                            assertThat(content(each)).isEqualTo(kept);
                            assertThat(each.latestEpoch()).isEqualTo(1);
                        });

        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void aResetIsFinishedLater() {
        var refused =
                cutAtEveryLimit(
                        each ->
                                each.resetTo(
                                        100,
                                        new LeaderEpochHistory(List.of()),
                                        new ProducerStates(10, 100)),
                        each -> {
                            assertThat(each.logStartOffset()).isEqualTo(100);
                            assertThat(each.logEndOffset()).isEqualTo(100);
                            assertThat(each.durableEndOffset()).isEqualTo(100);
                        });

        assertThat(refused).isGreaterThan(10);
    }
}
