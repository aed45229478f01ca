// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// Where records without a key go: one partition until a batch's worth went there, then another
/// (KIP-794), so that batches fill.
public final class StickyPartition {

    private final int bytesPerTurn;
    private long seed;
    private int current = -1;
    private int bytesLeft;

    /// A chooser that has not chosen yet.
    ///
    /// @param bytesPerTurn bytes after which it moves on
    public StickyPartition(int bytesPerTurn, long seed) {
        this.bytesPerTurn = bytesPerTurn;
        this.seed = seed;
    }

    /// The partition for the next record.
    ///
    /// @param partitionCount at least 1
    /// @param recordBytes about its size
    public int choose(int partitionCount, int recordBytes) {
        if (current < 0 || bytesLeft <= 0 || current >= partitionCount) {
            int next = Math.floorMod(nextRandom(), partitionCount);
            current = next == current ? (next + 1) % partitionCount : next;
            bytesLeft = bytesPerTurn;
        }
        bytesLeft -= recordBytes;
        return current;
    }

    // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    private long nextRandom() {
        seed += 0x9e3779b97f4a7c15L;
        long z = seed;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
