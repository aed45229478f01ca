// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

/// An invariant that does not hold; the run ends with it.
final class Violation extends Error {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    /// @param invariant its letter: A1, A2, B1, B2, C, D, E, F1, F2, H, I, Q, R, S, T, V, W, or
    ///   BROKEN: the code itself gave up
    /// @param what what was seen
    Violation(String invariant, String what) {
        super(invariant + ": " + what);
        this.invariant = invariant;
    }

    Violation(String invariant, String what, Throwable cause) {
        super(invariant + ": " + what, cause);
        this.invariant = invariant;
    }

    String invariant() {
        return invariant;
    }
}
