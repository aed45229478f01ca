// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.NumberedRecords.Label;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// The disk becomes full at many different places: an append says so and changes nothing, reads go
/// on, and with new space the log goes on.
class DiskFullTest {

    private static final int FIRST_LIMIT = 500;
    private static final int LAST_LIMIT = 14_000;
    private static final int LIMIT_STEP = 137;
    private static final int APPENDS_MAX = 200;

    private final List<Label> appended = new ArrayList<>();

    @Test
    void anAppendThatFindsNoRoomLeavesTheLogAsItWas() {
        for (var limit = FIRST_LIMIT; limit < LAST_LIMIT; limit += LIMIT_STEP) {
            appended.clear();
            var disk = new SimulatedDisk();
            CrashScript.format(disk);
            var directory = CrashScript.openDirectory(disk);
            var log = CrashScript.openLog(directory, CrashScript.SMALL_SEGMENTS);
            disk.limitTo(limit);
            appendUntilFull(log);

            assertThat(log.logEndOffset()).as("limit %d", limit).isEqualTo(appended.size());
            assertThat(NumberedRecords.readAll(log)).isEqualTo(appended);
            assertThat(log.failure()).isEmpty();
            assertThat(directory.failure()).isEmpty();
            assertThatThrownBy(() -> appendUntilFull(log, 1))
                    .isInstanceOf(LogException.DiskFullException.class);

            disk.limitTo(Long.MAX_VALUE);
            appendUntilFull(log, 3);
            flush(log);
            assertThat(log.durableEndOffset()).as("limit %d", limit).isEqualTo(appended.size());
            checkAfterCrash(disk);
        }
    }

    private void checkAfterCrash(SimulatedDisk disk) {
        var again = CrashScript.openDirectory(disk.crashed(CrashPolicy.none()));
        var log = CrashScript.openLog(again, CrashScript.SMALL_SEGMENTS);
        assertThat(NumberedRecords.readAll(log)).isEqualTo(appended);
        again.close();
    }

    private void appendUntilFull(PartitionLog log) {
        assertThatThrownBy(() -> appendUntilFull(log, APPENDS_MAX))
                .isInstanceOf(LogException.DiskFullException.class);
    }

    private void appendUntilFull(PartitionLog log, int appends) {
        for (var i = 0; i < appends; i++) {
            var label = new Label(log.logEndOffset(), 0, 0);
            log.append(NumberedRecords.batch(List.of(label)), 0, CrashScript.NOW_MS);
            appended.add(label);
            if (i % 5 == 4) {
                flush(log);
            }
        }
    }

    private static void flush(PartitionLog log) {
        log.beginFlush()
                .ifPresent(
                        ticket -> {
                            ticket.run();
                            assertThat(log.complete(ticket))
                                    .isInstanceOfAny(
                                            FlushResult.Durable.class, FlushResult.Refused.class);
                        });
    }
}
