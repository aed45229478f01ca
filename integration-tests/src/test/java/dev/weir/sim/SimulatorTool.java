// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.TimeUnit;

/// What `./weir-sim` runs; no part of the build. `-Dsim.run="SEED"` or `-Dsim.run="FROM COUNT"`.
class SimulatorTool {

    @Test
    @Timeout(value = 10, unit = TimeUnit.HOURS)
    void run() {
        var arguments = System.getProperty("sim.run", "1 100").trim().split("\\s+");

        assertThat(SimulatorMain.run(arguments)).isTrue();
    }
}
