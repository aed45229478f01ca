// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import dev.weir.it.History.RecordId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Values that say which record they are: producer, number, then bytes that follow from these.
final class Payload {

    static final int MIN_BYTES = Integer.BYTES + Long.BYTES;

    private Payload() {}

    static byte[] of(RecordId id, int bytes) {
        var value = new byte[Math.max(MIN_BYTES, bytes)];
        var seed = id.number() * 31 + id.producer();
        for (var i = MIN_BYTES; i < value.length; i++) {
            seed = seed * 6364136223846793005L + 1442695040888963407L;
            value[i] = (byte) (seed >>> 56);
        }
        ByteBuffer.wrap(value).putInt(id.producer()).putLong(id.number());
        return value;
    }

    /// Which record a value says it is; that of nobody if it is no such value.
    static RecordId idOf(@Nullable ByteBuffer value) {
        return value == null || value.remaining() < MIN_BYTES
                ? new RecordId(-1, -1)
                : new RecordId(
                        value.getInt(value.position()),
                        value.getLong(value.position() + Integer.BYTES));
    }

    static int crcOf(byte[] value) {
        return crcOf(ByteBuffer.wrap(value));
    }

    static int crcOf(@Nullable ByteBuffer value) {
        var crc = new CRC32C();
        if (value != null) {
            crc.update(value.duplicate());
        }
        return (int) crc.getValue();
    }
}
