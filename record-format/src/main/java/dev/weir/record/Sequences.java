// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// Arithmetic on producer sequences, which run from 0 to 2^31-1 and then from 0 again (KIP-98).
public final class Sequences {

    private Sequences() {}

    /// The sequence some steps after another.
    ///
    /// @param sequence at least 0
    /// @param count at least 0
    /// @return the sequence `count` steps after `sequence`
    public static int plus(int sequence, int count) {
        return (sequence + count) & Integer.MAX_VALUE;
    }
}
