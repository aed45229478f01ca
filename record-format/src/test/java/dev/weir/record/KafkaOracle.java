// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Kafka's own client library, which builds and reads batches beside ours.
final class KafkaOracle {

    private KafkaOracle() {}

    /// The batch that Kafka's producer makes of these records.
    static ByteBuffer build(
            Compression compression,
            long producerId,
            short producerEpoch,
            int baseSequence,
            List<TestRecord> records) {
        var simple = records.stream().map(KafkaOracle::simple).toArray(SimpleRecord[]::new);
        var codec =
                org.apache.kafka.common.compress.Compression.of(
                                CompressionType.forId(compression.id()))
                        .build();
        return MemoryRecords.withIdempotentRecords(
                        codec, producerId, producerEpoch, baseSequence, simple)
                .buffer();
    }

    /// Reads one batch as a Kafka consumer does: CRC first, then every record.
    static List<TestRecord> read(ByteBuffer bytes) {
        var batch = batch(bytes);
        batch.ensureValid();
        var records = new ArrayList<TestRecord>();
        for (var record : batch) {
            var headers = new ArrayList<String>();
            for (var header : record.headers()) {
                headers.add(header.key() + "=" + TestRecord.hex(header.value()));
            }
            records.add(
                    new TestRecord(
                            record.timestamp(),
                            TestRecord.hex(Utils.toNullableArray(record.key())),
                            TestRecord.hex(Utils.toNullableArray(record.value())),
                            headers));
        }
        return records;
    }

    /// Kafka's view of exactly one batch.
    static DefaultRecordBatch batch(ByteBuffer bytes) {
        var iterator = MemoryRecords.readableRecords(bytes.duplicate()).batches().iterator();
        if (!iterator.hasNext()) {
            throw new IllegalArgumentException("no whole batch");
        }
        RecordBatch batch = iterator.next();
        if (iterator.hasNext() || batch.sizeInBytes() != bytes.remaining()) {
            throw new IllegalArgumentException("not exactly one batch");
        }
        if (batch instanceof DefaultRecordBatch v2) {
            return v2;
        }
        throw new IllegalArgumentException("magic " + batch.magic());
    }

    /// Whether Kafka takes the batch: see [#refusal].
    static boolean accepts(ByteBuffer bytes) {
        return refusal(bytes) == null;
    }

    /// Why Kafka refuses the batch; `null` if it takes it: it is one, valid, every record can be
    /// read, and the checks of the header that Kafka's broker makes of a client's batch
    /// (LogValidator, not in the client library) hold.
    static String refusal(ByteBuffer bytes) {
        try {
            var batch = batch(bytes);
            read(bytes);
            if (batch.countOrNull() <= 0
                    || batch.lastOffset() - batch.baseOffset() + 1 != batch.countOrNull()) {
                return "count";
            }
            if (batch.isControlBatch()) {
                return "control batch";
            }
            if (batch.hasProducerId() ? batch.baseSequence() < 0 : batch.isTransactional()) {
                return "producer";
            }
            return batch.timestampType() == org.apache.kafka.common.record.TimestampType.CREATE_TIME
                    ? null
                    : "log append time";
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    private static SimpleRecord simple(TestRecord record) {
        var headers =
                record.recordHeaders().stream()
                        .map(header -> (Header) new RecordHeader(header.key(), header.valueBytes()))
                        .toArray(Header[]::new);
        return new SimpleRecord(
                record.timestampMs(), record.keyBytes(), record.valueBytes(), headers);
    }
}
