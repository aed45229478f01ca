// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// Zigzag varints as records use them: seven bits a byte, low bits first. Writing only; reading
/// with its bounds is [RecordCursor]'s.
final class Varints {

    private Varints() {}

    static int sizeOf(int value) {
        int zigzag = value << 1 ^ value >> 31;
        return (38 - Integer.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    static int sizeOf(long value) {
        long zigzag = value << 1 ^ value >> 63;
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /// Writes a varint.
    ///
    /// @return index after the last byte written
    static int write(byte[] to, int at, int value) {
        int rest = value << 1 ^ value >> 31;
        int next = at;
        while ((rest & ~0x7f) != 0) {
            to[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[next++] = (byte) rest;
        return next;
    }

    /// Writes a varint.
    ///
    /// @return index after the last byte written
    static int write(byte[] to, int at, long value) {
        long rest = value << 1 ^ value >> 63;
        int next = at;
        while ((rest & ~0x7fL) != 0) {
            to[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[next++] = (byte) rest;
        return next;
    }
}
