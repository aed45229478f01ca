// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.List;

/// An answer of the API as JSON in this program's own words: names as in the API's own JSON, but
/// 64-bit numbers as numbers, ids as text, and fields that are zero or empty there as well.
final class ProtoJson {

    private ProtoJson() {}

    static Json of(Message message) {
        var json = Json.object();
        for (var field : message.getDescriptorForType().getFields()) {
            if (field.hasPresence() && !message.hasField(field)) {
                if (field.getRealContainingOneof() == null) {
                    json.put(field.getJsonName(), null);
                }
                continue;
            }
            json.put(field.getJsonName(), value(field, message.getField(field)));
        }
        return json;
    }

    private static @Nullable Object value(FieldDescriptor field, Object value) {
        return field.isRepeated()
                ? ((List<?>) value).stream().map(ProtoJson::single).toList()
                : single(value);
    }

    private static @Nullable Object single(Object value) {
        return switch (value) {
            case Message message -> of(message);
            case ByteString bytes -> id(bytes);
            case EnumValueDescriptor name -> name.getName();
            default -> value;
        };
    }

    /// An id as everywhere in this program: hexadecimal digits; null for none.
    static @Nullable String id(ByteString bytes) {
        return bytes.isEmpty() ? null : HexFormat.of().formatHex(bytes.toByteArray());
    }
}
