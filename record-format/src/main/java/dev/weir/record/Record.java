// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;

/// One record as it was read from a batch.
///
/// Key and value are the bytes between their buffer's position and limit. They share memory with
/// the batch, or with its decompressed form: they are good as long as that is, and must not be
/// written. Read them absolutely or through a duplicate: the accessor returns the same buffer each
/// time.
///
/// @param offset place in its partition
/// @param timestampMs milliseconds since the Unix epoch
/// @param key `null`: none
/// @param value `null`: none (a tombstone in a compacted topic)
/// @param headers in the order written
@SuppressWarnings("JavaLangClash") // the field's own word, and there is no better one
public record Record(
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<RecordHeader> headers) {

    /// A copy of the key.
    public byte @Nullable [] keyBytes() {
        return copy(key);
    }

    /// A copy of the value.
    public byte @Nullable [] valueBytes() {
        return copy(value);
    }

    static byte @Nullable [] copy(@Nullable ByteBuffer from) {
        if (from == null) {
            return null;
        }
        var to = new byte[from.remaining()];
        from.get(from.position(), to);
        return to;
    }
}
