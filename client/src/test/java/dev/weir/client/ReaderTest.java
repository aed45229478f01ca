// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The reader over the real wire, against a node written by hand.
@Timeout(60)
class ReaderTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final TopicPartition T = new TopicPartition("t", 0);
    private static final int PER_BATCH = 10;

    private FakeNode node;
    private WeirClient client;

    @BeforeEach
    void start() throws Exception {
        node = new FakeNode();
        node.createTopic("t", 2);
        client = WeirClient.connect(node.address());
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void readsEverythingFromTheEarliestOffset() {
        append(0, 1_000);
        try (var reader = reader(StartPosition.EARLIEST)) {
            assertThat(values(reader, 1_000)).isEqualTo(numbers(0, 1_000));
            assertThat(reader.position(T)).hasValue(1_000);
            assertThat(reader.highWatermark(T)).hasValue(1_000);
            assertThat(reader.lag(T)).hasValue(0);
            assertThat(reader.poll(Duration.ofMillis(1))).isEmpty();
        }
    }

    @Test
    void startsInTheMiddleOfABatch() {
        append(0, 100);
        try (var reader = reader(StartPosition.at(37))) {
            assertThat(values(reader, 63)).isEqualTo(numbers(37, 100));
        }
    }

    @Test
    void latestSeesOnlyWhatComesAfter() {
        append(0, 50);
        try (var reader = reader(StartPosition.LATEST)) {
            assertThat(reader.poll(Duration.ofMillis(1))).isEmpty();
            while (reader.position(T).isEmpty()) {
                assertThat(reader.poll(Duration.ofMillis(5))).isEmpty();
            }
            append(50, 60);
            node.fetch.pushMore();
            assertThat(values(reader, 10)).isEqualTo(numbers(50, 60));
        }
    }

    @Test
    void goesOnAtTheNextOffsetAfterTheConnectionBroke() {
        append(0, 3_000);
        try (var reader = client.reader(new ReaderConfig(4_000, 1_000, RecordLimits.DEFAULT))) {
            reader.assign(T, StartPosition.EARLIEST);
            var values = new ArrayList<String>();
            int polls = 0;
            while (values.size() < 3_000) {
                reader.poll(LONG).forEach(record -> values.add(text(record)));
                if (++polls % 50 == 0) {
                    node.fetch.cutAll();
                }
            }
            assertThat(values).isEqualTo(numbers(0, 3_000));
        }
    }

    @Test
    void goesOnAfterTheNodeWasKilledAndStartedAgain() throws Exception {
        append(0, 500);
        try (var reader = reader(StartPosition.EARLIEST)) {
            assertThat(values(reader, 500)).hasSize(500);
            node.kill();
            append(500, 700);
            assertThat(reader.poll(Duration.ofMillis(50))).isEmpty();
            node.start();

            assertThat(values(reader, 200)).isEqualTo(numbers(500, 700));
        }
    }

    @Test
    void neverHasMoreOnItsWayThanItGranted() {
        append(0, 20_000);
        long creditBytes = 50_000;
        try (var reader =
                client.reader(new ReaderConfig(creditBytes, 1_000, RecordLimits.DEFAULT))) {
            reader.assign(T, StartPosition.EARLIEST);
            assertThat(values(reader, 20_000)).hasSize(20_000);
        }
        assertThat(node.fetch.outstandingMax).isBetween(creditBytes / 2, creditBytes + 2_000);
    }

    @Test
    void readsSeveralPartitionsAtOnce() {
        append(0, 100);
        appendTo(node.partition("t", 1), 1_000, 1_100);
        try (var reader = reader(StartPosition.EARLIEST)) {
            reader.assign(new TopicPartition("t", 1), StartPosition.at(50));
            assertThat(values(reader, 150))
                    .containsAll(numbers(0, 100))
                    .containsAll(numbers(1_050, 1_100));
        }
    }

    @Test
    void anOffsetOutOfRangeIsRefusedAndNoLongerAssigned() {
        append(0, 10);
        try (var reader = reader(StartPosition.at(11))) {
            assertThatThrownBy(() -> values(reader, 1))
                    .isInstanceOfSatisfying(
                            ClientException.Refused.class,
                            e -> assertThat(e.reason()).isEqualTo("OFFSET_OUT_OF_RANGE"));
            assertThat(reader.poll(Duration.ofMillis(1))).isEmpty();
            assertThatThrownBy(() -> reader.position(T))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aDamagedBatchIsReportedAndReadAgain() {
        append(0, 30);
        node.fetch.wire =
                bytes -> {
                    if (bytes[7] == PER_BATCH) { // base offset 10: the second batch
                        bytes[bytes.length - 1] ^= 1;
                    }
                    return bytes;
                };
        try (var reader = reader(StartPosition.EARLIEST)) {
            assertThat(values(reader, 10)).isEqualTo(numbers(0, 10));
            assertThatThrownBy(() -> values(reader, 1))
                    .isInstanceOf(ClientException.CorruptBatch.class);
            assertThat(reader.position(T)).hasValue(10);
            node.fetch.wire = bytes -> bytes;

            assertThat(values(reader, 20)).isEqualTo(numbers(10, 30));
        }
    }

    @Test
    void aBombIsReportedAndSkipped() {
        var builder = new RecordBatchBuilder(Compression.ZSTD, 1 << 24);
        builder.tryAppend(0, (byte[]) null, new byte[10_000_000], List.of());
        var bomb = builder.build();
        append(0, 10);
        node.partition("t", 0).append(java.util.Arrays.copyOf(bomb.array(), bomb.limit()));
        append(11, 21);
        try (var reader = reader(StartPosition.EARLIEST)) {
            assertThat(values(reader, 10)).hasSize(10);
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOf(ClientException.CorruptBatch.class);
            assertThat(values(reader, 10)).isEqualTo(numbers(11, 21));
        }
    }

    @Test
    void batchesAreHandedOutAsTheyAreStored() {
        append(0, 30);
        try (var reader = reader(StartPosition.at(5))) {
            var batch = reader.pollBatch(LONG).orElseThrow();

            assertThat(batch.fromOffset()).isEqualTo(5);
            assertThat(batch.batch().bytes())
                    .isEqualTo(node.partition("t", 0).batches().getFirst().bytes());
        }
    }

    @Test
    void endOffsetsAreAskedNow() {
        append(0, 40);
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            assertThat(reader.endOffsets(List.of(T, new TopicPartition("t", 1))))
                    .isEqualTo(Map.of(T, 40L, new TopicPartition("t", 1), 0L));
            assertThat(reader.offsetOf(T, StartPosition.EARLIEST)).isZero();
        }
    }

    @Test
    void anUnknownTopicIsRefused() {
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            reader.assign(new TopicPartition("missing", 0), StartPosition.EARLIEST);
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOfSatisfying(
                            ClientException.Refused.class,
                            e -> assertThat(e.reason()).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION"));
        }
    }

    private Reader reader(StartPosition start) {
        var reader = client.reader(ReaderConfig.DEFAULT);
        reader.assign(T, start);
        return reader;
    }

    private void append(int from, int to) {
        appendTo(node.partition("t", 0), from, to);
    }

    private static void appendTo(FakePartition partition, int from, int to) {
        for (int first = from; first < to; first += PER_BATCH) {
            var builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
            for (int i = first; i < Math.min(to, first + PER_BATCH); i++) {
                builder.tryAppend(
                        i,
                        (byte[]) null,
                        String.valueOf(i).getBytes(StandardCharsets.UTF_8),
                        List.of());
            }
            var batch = builder.build();
            partition.append(java.util.Arrays.copyOf(batch.array(), batch.limit()));
        }
    }

    private static List<String> values(Reader reader, int count) {
        var values = new ArrayList<String>();
        while (values.size() < count) {
            var records = reader.poll(LONG);
            if (records.isEmpty()) {
                throw new AssertionError("only " + values.size() + " of " + count);
            }
            records.forEach(record -> values.add(text(record)));
        }
        return values;
    }

    private static String text(FetchedRecord record) {
        return new String(record.record().valueBytes(), StandardCharsets.UTF_8);
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }
}
