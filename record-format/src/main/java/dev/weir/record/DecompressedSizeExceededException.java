// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// A compressed batch would become larger than its reader allows. Found while it is being
/// decompressed: never more than the limit plus one chunk was allocated.
public final class DecompressedSizeExceededException extends RecordFormatException {

    private final int compressedBytes;
    private final long limitBytes;

    DecompressedSizeExceededException(int compressedBytes, long limitBytes) {
        super(compressedBytes + " compressed bytes become more than " + limitBytes + " bytes");
        this.compressedBytes = compressedBytes;
        this.limitBytes = limitBytes;
    }

    /// Size of the compressed records, in bytes.
    public int compressedBytes() {
        return compressedBytes;
    }

    /// The limit that was crossed, in bytes: the smaller of the absolute and the relative one.
    public long limitBytes() {
        return limitBytes;
    }
}
