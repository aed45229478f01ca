// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.RecordHeader;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A record to send. The arrays are copied when it is sent, not here.
///
/// @param partition `null`: chosen by the key's hash, or without a key by the producer
/// @param key `null`: none
/// @param value `null`: none (a tombstone in a compacted topic)
/// @param headers in this order
/// @param timestampMs milliseconds since the Unix epoch; `null`: the time of sending
@SuppressWarnings("ArrayRecordComponent") // a copy of every value would double the cost of sending
public record ProducerRecord(
        String topic,
        @Nullable Integer partition,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers,
        @Nullable Long timestampMs) {

    /// A record without headers, stamped when it is sent.
    public static ProducerRecord of(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return new ProducerRecord(topic, null, key, value, List.of(), null);
    }

    /// A text record without a key.
    public static ProducerRecord ofUtf8(String topic, String value) {
        return of(topic, null, value.getBytes(StandardCharsets.UTF_8));
    }

    /// The same record for one partition.
    public ProducerRecord toPartition(int newPartition) {
        return new ProducerRecord(topic, newPartition, key, value, headers, timestampMs);
    }
}
