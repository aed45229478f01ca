// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// One header of a record.
///
/// @param key its name; names may repeat within a record
/// @param value its bytes between position and limit; read them absolutely or through a duplicate
public record RecordHeader(String key, @Nullable ByteBuffer value) {

    /// A header with a text value.
    public static RecordHeader ofUtf8(String key, String value) {
        return new RecordHeader(key, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    /// A copy of the value.
    public byte @Nullable [] valueBytes() {
        return Record.copy(value);
    }
}
