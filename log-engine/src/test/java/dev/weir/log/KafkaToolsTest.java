// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.disk.RealDisk;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.tools.DumpLogSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Kafka's own programs read what is stored here.
class KafkaToolsTest {

    @TempDir Path temporary;

    @Test
    void kafkasDumpToolReadsASegmentSealedByARoll() throws IOException {
        var directory = openDirectory();
        var log = PartitionLog.open(directory, LogFixture.PARTITION, LogFixture.SMALL, 0);
        while (log.segments().size() < 2) {
            log.append(LogFixture.batchOf(77, (int) log.logEndOffset(), "hello"), 5, 0);
        }
        LogFixture.flush(log);
        var sealed = log.segments().getFirst();

        var output = dump(sealed.file());

        assertThat(output).contains("starting offset: 0");
        assertThat(output.lines().filter(line -> line.startsWith("baseOffset:")))
                .hasSize((int) sealed.endOffset())
                .allMatch(line -> line.contains("isvalid: true"))
                .allMatch(line -> line.contains("partitionLeaderEpoch: 5"))
                .allMatch(line -> line.contains("producerId: 77"));
        assertThat(output.lines().filter(line -> line.contains("payload: hello")))
                .hasSize((int) sealed.endOffset());
        assertThat(output).doesNotContain("Found").doesNotContain("Non-consecutive");
        log.close();
        directory.close();
    }

    @Test
    void kafkasClientsDecodeEverythingStored() {
        var directory = openDirectory();
        var log = PartitionLog.open(directory, LogFixture.PARTITION, LogFixture.SMALL, 0);
        var values = new ArrayList<String>();
        var epoch = 0;
        for (var compression : Compression.values()) {
            for (var i = 0; i < 20; i++) {
                var value = compression + " value " + i;
                log.append(compressed(compression, value), epoch + i / 5, 0);
                values.add(value);
            }
            log.truncateTo(log.logEndOffset() - 1);
            values.removeLast();
            log.append(compressed(compression, "after a cut"), epoch + 9, 0);
            values.add("after a cut");
            log.close();
            log = PartitionLog.open(directory, LogFixture.PARTITION, LogFixture.SMALL, 0);
            epoch += 10;
        }

        var decoded = new ArrayList<String>();
        var offsets = new ArrayList<Long>();
        for (var bytes : LogFixture.batches(log, 0, 1_000)) {
            for (var batch : MemoryRecords.readableRecords(bytes).batches()) {
                batch.ensureValid();
                batch.forEach(
                        record -> {
                            offsets.add(record.offset());
                            decoded.add(text(record.value()));
                        });
            }
        }

        assertThat(decoded).isEqualTo(values);
        assertThat(offsets).hasSize(values.size()).isSorted().doesNotHaveDuplicates();
        log.close();
        directory.close();
    }

    private LogDirectory openDirectory() {
        return LogFixture.formatted(new RealDisk(), temporary.resolve("data")).open();
    }

    private static ByteBuffer compressed(Compression compression, String value) {
        var builder = new RecordBatchBuilder(compression, 1 << 20);
        var bytes = value.getBytes(StandardCharsets.UTF_8);
        assertThat(builder.tryAppend(1_000, (byte[]) null, bytes, List.of())).isTrue();
        return builder.build();
    }

    private static String text(ByteBuffer value) {
        return StandardCharsets.UTF_8.decode(value.duplicate()).toString();
    }

    private static String dump(Path segment) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            DumpLogSegments.main(
                    new String[] {
                        "--files", segment.toString(), "--deep-iteration", "--print-data-log"
                    });
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
