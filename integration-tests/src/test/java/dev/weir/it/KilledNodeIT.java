// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

class KilledNodeIT {

    private static final int LINES = 60_000;

    /// Where a batch's length is, and where the bytes that it counts begin.
    private static final int LENGTH_AT = 8;

    private static final int LENGTH_END = 12;

    @TempDir Path directory;

    @Test
    void aTextSurvivesAKillInTheMiddleWithoutLossOrDuplicate() throws Exception {
        var text = SampleText.ofLines(LINES);
        try (var node = DevNode.start(directory)) {
            node.run("topic", "create", "text", "--partitions", "1").assertSucceeded();

            // Given a producer that has half of the text, of which the node has acknowledged some
            var producer = Cli.start(node.withBootstrap("produce", "text"));
            var out = Cli.read(producer.getInputStream());
            var err = Cli.read(producer.getErrorStream());
            var half = text.length / 2;
            Cli.write(producer.getOutputStream(), text, 0, half);
            awaitRecords(node, LINES / 10);

            // When the node dies and comes back while the producer goes on
            node.killNode();
            node.restartNode();
            Cli.write(producer.getOutputStream(), text, half, text.length);
            producer.getOutputStream().close();
            Cli.await(producer, out, err).assertSucceeded();

            // Then every line is there once, in its place
            var consumed =
                    node.run("consume", "text", "--from-beginning", "--until-end")
                            .assertSucceeded();
            assertThat(consumed.out()).isEqualTo(text);
            assertThat(node.stop()).isZero();
        }
        assertThat(valuesDecodedByKafka()).isEqualTo(text);
    }

    private static void awaitRecords(DevNode node, long wanted) {
        var deadline = System.nanoTime() + Cli.TIMEOUT.toNanos();
        while (highWatermark(node) < wanted) {
            assertThat(System.nanoTime()).as("time to produce " + wanted).isLessThan(deadline);
        }
    }

    private static long highWatermark(DevNode node) {
        JsonObject topic =
                node.run("topic", "describe", "text", "--output", "json")
                        .assertSucceeded()
                        .lastLineAsJson();
        return topic.getAsJsonArray("partitions")
                .get(0)
                .getAsJsonObject()
                .get("highWatermark")
                .getAsLong();
    }

    /// Reads the segment files as Kafka's own library reads them.
    private byte[] valuesDecodedByKafka() throws IOException {
        List<Path> segments;
        try (var files = Files.walk(directory)) {
            segments =
                    files.filter(file -> file.getFileName().toString().matches("\\d{20}\\.log"))
                            .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                            .toList();
        }
        assertThat(segments).isNotEmpty();
        var values = new ByteArrayOutputStream();
        var offsets = new ArrayList<Long>();
        for (var i = 0; i < segments.size(); i++) {
            // What lies at or above the next segment's base was cut off by a recovery.
            var end = i + 1 < segments.size() ? baseOffset(segments.get(i + 1)) : Long.MAX_VALUE;
            for (var batch : batches(segments.get(i))) {
                if (batch.baseOffset() >= end) {
                    break;
                }
                batch.ensureValid();
                for (var record : batch) {
                    offsets.add(record.offset());
                    var value = new byte[record.valueSize()];
                    record.value().get(value);
                    values.writeBytes(value);
                    values.write('\n');
                }
            }
        }
        for (var i = 0; i < offsets.size(); i++) {
            assertThat(offsets.get(i)).isEqualTo(i);
        }
        return values.toByteArray();
    }

    private static long baseOffset(Path segment) {
        return Long.parseLong(segment.getFileName().toString().replace(".log", ""));
    }

    /// The batches up to the zeros of prepared space.
    private static Iterable<? extends RecordBatch> batches(Path segment) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
        var end = 0;
        while (end + LENGTH_END <= bytes.limit() && bytes.getInt(end + LENGTH_AT) > 0) {
            end += LENGTH_END + bytes.getInt(end + LENGTH_AT);
        }
        return MemoryRecords.readableRecords(bytes.limit(Math.min(end, bytes.limit()))).batches();
    }
}
