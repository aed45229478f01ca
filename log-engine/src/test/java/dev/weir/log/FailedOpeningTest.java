// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

/// An opening that fails is tried again: it must not keep what it opened.
class FailedOpeningTest {

    private static final long SEED = 7;
    private static final int STEPS = 120;

    @Test
    void leavesNoFileOpenWhereverItFails() {
        var left = crashed();
        long failures = 0;
        for (var at = 1L; ; at++) {
            var disk = left.crashed(CrashPolicy.all());
            var directory = CrashScript.openDirectory(disk);
            var openBefore = disk.openFiles();
            var number = disk.operations() + at;
            disk.inject(
                    operation ->
                            operation.number() == number ? new Fault.IoError() : new Fault.None());
            try {
                CrashScript.openLog(directory, CrashScript.SMALL_SEGMENTS);
                break;
            } catch (LogException e) {
                failures++;
                assertThat(disk.openFiles()).as("failed at %s: %s", at, e).isEqualTo(openBefore);
            }
        }
        assertThat(failures).isGreaterThan(3);
    }

    private static SimulatedDisk crashed() {
        var disk = new SimulatedDisk();
        CrashScript.format(disk);
        var script = new CrashScript(disk, CrashScript.SMALL_SEGMENTS, SEED);
        for (var step = 0; step < STEPS; step++) {
            script.step();
        }
        return disk.crashed(CrashPolicy.all());
    }
}
