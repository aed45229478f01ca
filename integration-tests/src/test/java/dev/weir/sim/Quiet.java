// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import org.slf4j.LoggerFactory;

/// Simulated faults are no news: what the real parts log of them would be all that one sees.
final class Quiet {

    private Quiet() {}

    static void logs() {
        if (!Boolean.getBoolean("sim.log")
                && LoggerFactory.getLogger("dev.weir") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }
}
