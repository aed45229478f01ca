// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.inspection;

import dev.weir.record.RecordBatch;

import java.nio.file.Path;

/// The header of one stored batch whose CRC is right.
///
/// @param file segment it is in
/// @param position where in it, in bytes
/// @param sizeBytes of the whole batch
/// @param baseOffset offset of its first record
/// @param lastOffset offset of its last record, inclusive
/// @param leaderEpoch epoch that wrote it
/// @param recordCount records in it
/// @param maxTimestampMs largest timestamp
/// @param producerId -1 for none
/// @param producerEpoch -1 for none
/// @param baseSequence -1 for none
/// @param attributes codec and flags, as in the header
/// @param crc CRC-32C, as in the header
public record InspectedBatch(
        Path file,
        long position,
        int sizeBytes,
        long baseOffset,
        long lastOffset,
        int leaderEpoch,
        int recordCount,
        long maxTimestampMs,
        long producerId,
        short producerEpoch,
        int baseSequence,
        short attributes,
        int crc) {

    static InspectedBatch of(Path file, long position, RecordBatch batch) {
        return new InspectedBatch(
                file,
                position,
                batch.sizeBytes(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.leaderEpoch(),
                batch.recordCount(),
                batch.maxTimestampMs(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.attributes(),
                batch.crc());
    }
}
