// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import java.util.SplittableRandom;

/// What a power loss leaves of all that was not synced.
///
/// @param sectors probability that an unsynced 512-byte sector has its new content
/// @param sizes probability that a file has one of its unsynced sizes
/// @param entries probability that an unsynced creation, rename or deletion happened
/// @param seed of the draws
public record CrashPolicy(double sectors, double sizes, double entries, long seed) {

    private static final double[] PROBABILITIES = {0.1, 0.5, 0.9};

    /// Everything survives: a process crash.
    public static CrashPolicy all() {
        return new CrashPolicy(1, 1, 1, 0);
    }

    /// Nothing survives that was not synced.
    public static CrashPolicy none() {
        return new CrashPolicy(0, 0, 0, 0);
    }

    /// Sizes and names survive, bytes do not: new space reads as zeros.
    public static CrashPolicy onlyMetadata() {
        return new CrashPolicy(0, 1, 1, 0);
    }

    /// A seeded random subset of each kind, each kind more or less likely.
    public static CrashPolicy random(long seed) {
        var random = new SplittableRandom(seed);
        return new CrashPolicy(
                PROBABILITIES[random.nextInt(PROBABILITIES.length)],
                PROBABILITIES[random.nextInt(PROBABILITIES.length)],
                PROBABILITIES[random.nextInt(PROBABILITIES.length)],
                seed);
    }
}
