// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

/// The simulated machine lost power in the middle of this call. Not a [dev.weir.log.LogException]:
/// nothing may catch it and go on.
public final class SimulatedCrash extends Error {

    private static final long serialVersionUID = 1L;

    SimulatedCrash(long operation) {
        super("crash at disk operation " + operation);
    }
}
