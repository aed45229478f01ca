// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.util.List;

/// An I/O error at every single disk operation of a scripted run: from then on nothing is
/// acknowledged, and what was acknowledged before is there after a restart.
class DiskErrorTest {

    private static final long SEED = 5;
    private static final int STEPS = 160;

    @Test
    void acknowledgesNothingAfterTheFirstErrorAndLosesNothingFromBefore() {
        var operations = countOperations();
        assertThat(operations).isGreaterThan(200);
        for (var failing = 1L; failing <= operations; failing++) {
            failAt(failing);
        }
    }

    private static long countOperations() {
        var disk = formatted();
        var before = disk.operations();
        var script = new CrashScript(disk, CrashScript.SMALL_SEGMENTS, SEED);
        for (var step = 0; step < STEPS; step++) {
            script.step();
        }
        return disk.operations() - before;
    }

    private static void failAt(long failing) {
        var disk = formatted();
        var number = disk.operations() + failing;
        var hit = new DiskOperation[1];
        disk.inject(
                operation -> {
                    if (operation.number() != number) {
                        return new Fault.None();
                    }
                    hit[0] = operation;
                    return new Fault.IoError();
                });
        CrashScript script;
        try {
            script = new CrashScript(disk, CrashScript.SMALL_SEGMENTS, SEED);
        } catch (LogException.DiskFailedException e) {
            return; // Nothing had been acknowledged.
        }
        run(script);
        var context = "I/O error at " + hit[0];
        var durable = script.durableEnd();
        assertThat(durable).as(context).isLessThanOrEqualTo(script.model.end());
        assertThat(script.tryToBeAcknowledged()).as(context).isFalse();
        assertThat(script.tryToBeAcknowledged()).as(context).isFalse();
        assertThat(script.durableEnd()).as(context).isEqualTo(durable);

        var expectation = script.model.expectation();
        for (var policy :
                List.of(CrashPolicy.all(), CrashPolicy.none(), CrashPolicy.random(failing))) {
            var left = disk.crashed(policy);
            var marker = CrashScript.DIRECTORY.resolve(FailedMarker.FILE);
            if (left.exists(marker)) {
                assertThatThrownBy(() -> CrashScript.openDirectory(left))
                        .isInstanceOf(LogException.FailedBeforeException.class);
                left.delete(marker);
            }
            var after = CrashScript.openDirectory(left);
            try {
                var log = CrashScript.openLog(after, CrashScript.SMALL_SEGMENTS);
                expectation.check(log.logStartOffset(), NumberedRecords.readAll(log));
            } catch (LogException | AssertionError e) {
                throw new AssertionError(context + ", " + policy, e);
            }
        }
    }

    private static void run(CrashScript script) {
        try {
            for (var step = 0; step < STEPS; step++) {
                script.step();
            }
        } catch (LogException _) {
            // What it does from now on is what is tested.
        }
    }

    private static SimulatedDisk formatted() {
        var disk = new SimulatedDisk();
        CrashScript.format(disk);
        return disk;
    }
}
