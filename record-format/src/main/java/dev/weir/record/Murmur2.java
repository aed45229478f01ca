// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// The hash by which keys choose partitions: 32-bit MurmurHash2 with Kafka's seed, so that every
/// client that follows Kafka's rule sends a key to the same partition.
public final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;

    private Murmur2() {}

    /// The partition of a key: the hash without its sign bit, modulo the number of partitions.
    ///
    /// @param partitionCount at least 1
    /// @return from 0, below `partitionCount`
    public static int partition(byte[] key, int partitionCount) {
        return (hash(key) & Integer.MAX_VALUE) % partitionCount;
    }

    /// MurmurHash2 of a key, any 32-bit value.
    public static int hash(byte[] key) {
        int length = key.length;
        int h = SEED ^ length;
        int fours = length & ~3;
        for (int i = 0; i < fours; i += 4) {
            int k =
                    (key[i] & 0xff)
                            | (key[i + 1] & 0xff) << 8
                            | (key[i + 2] & 0xff) << 16
                            | (key[i + 3] & 0xff) << 24;
            k *= M;
            k ^= k >>> 24;
            k *= M;
            h = h * M ^ k;
        }
        int tail = 0;
        for (int i = length - 1; i >= fours; i--) {
            tail = tail << 8 | (key[i] & 0xff);
        }
        if (fours != length) {
            h = (h ^ tail) * M;
        }
        h ^= h >>> 13;
        h *= M;
        return h ^ h >>> 15;
    }
}
