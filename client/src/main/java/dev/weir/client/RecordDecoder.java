// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.RecordFormatException;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import java.util.ArrayList;
import java.util.List;

/// Records of fetched batches. Stateless.
final class RecordDecoder {

    private RecordDecoder() {}

    /// The records of a batch from the wanted offset on.
    ///
    /// @throws ClientException `CorruptBatch`
    static List<FetchedRecord> decode(FetchedBatch fetched, RecordLimits limits) {
        var batch = fetched.batch();
        var records = new ArrayList<FetchedRecord>(Math.clamp(batch.recordCount(), 0, 64 * 1024));
        try {
            for (var reader = RecordReader.open(batch, limits); reader.hasNext(); ) {
                var record = reader.next();
                if (record.offset() >= fetched.fromOffset()) {
                    records.add(
                            new FetchedRecord(fetched.partition(), batch.leaderEpoch(), record));
                }
            }
        } catch (RecordFormatException e) {
            throw new ClientException.CorruptBatch(
                    fetched.partition()
                            + ": batch at offset "
                            + batch.baseOffset()
                            + ", skipped: "
                            + e.getMessage(),
                    e);
        }
        return records;
    }
}
