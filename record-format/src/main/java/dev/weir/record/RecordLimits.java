// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// What a reader accepts of a compressed batch. Both limits hold.
///
/// @param maxDecompressedBytes largest size of the decompressed records, in bytes, inclusive
/// @param maxRatio largest decompressed size as a multiple of the compressed one, inclusive; sizes
///   up to [#RATIO_FREE_BYTES] are exempt, because a few repeated bytes compress better than any
///   honest large batch
public record RecordLimits(int maxDecompressedBytes, int maxRatio) {

    /// Decompressed sizes up to this are never refused for their ratio, in bytes.
    public static final int RATIO_FREE_BYTES = 64 * 1024;

    /// 64 MiB and 100:1.
    public static final RecordLimits DEFAULT = new RecordLimits(64 * 1024 * 1024, 100);

    public RecordLimits {
        if (maxDecompressedBytes < 1 || maxRatio < 1) {
            throw new IllegalArgumentException(
                    "maxDecompressedBytes "
                            + maxDecompressedBytes
                            + ", maxRatio "
                            + maxRatio
                            + ": both must be >= 1");
        }
    }

    /// The limit for one batch.
    ///
    /// @param compressedBytes size of its compressed records
    /// @return largest decompressed size, in bytes, inclusive
    int limitBytes(int compressedBytes) {
        long byRatio = Math.max(RATIO_FREE_BYTES, (long) compressedBytes * maxRatio);
        return (int) Math.min(maxDecompressedBytes, byRatio);
    }
}
