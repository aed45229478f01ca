// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.record.Record;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;

/// A record as a line of JSON. Bytes that are UTF-8 are a string under their name, others are
/// base64 under their name with `Base64` behind it; null is null.
final class RecordJson {

    private RecordJson() {}

    /// The line, with its newline.
    static byte[] line(int partition, Record record) {
        var json = Json.object().put("partition", partition);
        put(json, record);
        return (json + "\n").getBytes(UTF_8);
    }

    /// A record without its partition.
    static Json of(Record record) {
        var json = Json.object();
        put(json, record);
        return json;
    }

    private static void put(Json json, Record record) {
        json.put("offset", record.offset()).put("timestampMs", record.timestampMs());
        put(json, "key", record.key());
        put(json, "value", record.value());
        json.put(
                "headers",
                record.headers().stream()
                        .map(
                                header -> {
                                    var one = Json.object().put("key", header.key());
                                    put(one, "value", header.value());
                                    return one;
                                })
                        .toList());
    }

    private static void put(Json json, String name, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            json.put(name, null);
            return;
        }
        try {
            json.put(name, UTF_8.newDecoder().decode(bytes.duplicate()).toString());
        } catch (CharacterCodingException e) {
            var copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            json.put(name + "Base64", Base64.getEncoder().encodeToString(copy));
        }
    }
}
