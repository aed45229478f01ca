// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.Compression;
import dev.weir.api.v1.Header;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.Sequence;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.StoredRecord;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.TestNode;
import dev.weir.record.Murmur2;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

class ReadTest {

    @TempDir private static Path directory;
    private static TestNode node;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        node = TestNode.start(directory, Map.of());
        client = new ApiClient(node.channel());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void givesRecordsBackAsTheyWereGiven() {
        var topic = client.createTopic("fidelity", 1);
        var full =
                NewRecord.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setValue(ByteString.copyFrom(new byte[] {0, 1, -1}))
                        .addHeaders(Header.newBuilder().setKey("h").setValue(ByteString.EMPTY))
                        .addHeaders(Header.newBuilder().setKey("null"))
                        .setTimestampMs(1234)
                        .build();
        var empty = NewRecord.newBuilder().setValue(ByteString.EMPTY).build();
        var tombstone = NewRecord.newBuilder().setKey(ByteString.EMPTY).build();

        append(
                topic,
                RecordSet.newBuilder()
                        .addRecords(full)
                        .addRecords(empty)
                        .addRecords(tombstone)
                        .setCompression(Compression.COMPRESSION_ZSTD)
                        .build());

        var read = client.readAll(topic).getRecordsList();
        assertThat(read.get(0).getKey()).isEqualTo(full.getKey());
        assertThat(read.get(0).getValue()).isEqualTo(full.getValue());
        assertThat(read.get(0).getTimestampMs()).isEqualTo(1234);
        assertThat(read.get(0).getHeadersList()).isEqualTo(full.getHeadersList());
        assertThat(read.get(1).hasKey()).isFalse();
        assertThat(read.get(1).hasValue()).isTrue();
        assertThat(read.get(2).hasKey()).isTrue();
        assertThat(read.get(2).hasValue()).isFalse();
    }

    @Test
    void placesKeysAsEveryClientDoes() {
        var topic = client.createTopic("keys", 7);
        var set = RecordSet.newBuilder();
        for (int i = 0; i < 20; i++) {
            set.addRecords(NewRecord.newBuilder().setKey(ByteString.copyFromUtf8("key" + i)));
        }

        var answer =
                client.produce()
                        .append(AppendRequest.newBuilder().setTopic(topic).setRecords(set).build());

        assertThat(answer.getPositionsCount()).isEqualTo(20);
        for (int i = 0; i < 20; i++) {
            var key = ("key" + i).getBytes(StandardCharsets.UTF_8);
            assertThat(answer.getPositions(i).getPartition()).isEqualTo(Murmur2.partition(key, 7));
        }
    }

    @Test
    void refusesASequenceOverSeveralPartitions() {
        var topic = client.createTopic("split", 8);
        var set = RecordSet.newBuilder().setSequence(Sequence.newBuilder().setProducerId(1));
        for (int i = 0; i < 50; i++) {
            set.addRecords(NewRecord.newBuilder().setKey(ByteString.copyFromUtf8("key" + i)));
        }

        var refused =
                refusal(
                        () ->
                                client.produce()
                                        .append(
                                                AppendRequest.newBuilder()
                                                        .setTopic(topic)
                                                        .setRecords(set)
                                                        .build()));

        assertThat(refused.reason()).isEqualTo(ErrorReason.INVALID_REQUEST);
    }

    @Test
    void refusesRecordsThatCannotBe() {
        var topic = client.createTopic("bad-records", 1);
        long dayMs = 24 * 60 * 60 * 1000L;
        var ahead =
                NewRecord.newBuilder().setTimestampMs(System.currentTimeMillis() + dayMs).build();
        var negative = NewRecord.newBuilder().setTimestampMs(-5).build();
        var large = NewRecord.newBuilder().setValue(ByteString.copyFrom(new byte[1 << 20])).build();

        assertThat(reasonOf(topic, RecordSet.newBuilder().addRecords(ahead)))
                .isEqualTo(ErrorReason.INVALID_TIMESTAMP);
        assertThat(reasonOf(topic, RecordSet.newBuilder().addRecords(negative)))
                .isEqualTo(ErrorReason.INVALID_TIMESTAMP);
        assertThat(reasonOf(topic, RecordSet.newBuilder().addRecords(large)))
                .isEqualTo(ErrorReason.MESSAGE_TOO_LARGE);
        assertThat(reasonOf(topic, RecordSet.newBuilder())).isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(
                        reasonOf(
                                topic,
                                RecordSet.newBuilder()
                                        .addRecords(NewRecord.getDefaultInstance())
                                        .setCompressionValue(9)))
                .isEqualTo(ErrorReason.INVALID_REQUEST);
    }

    @Test
    void refusesToUnfoldABombAndStoresItAllTheSame() {
        var topic = client.createTopic("bomb", 1);
        // 48 MiB of nothing in a few kilobytes.
        var bomb =
                ApiClient.builder(dev.weir.record.Compression.ZSTD, "\0".repeat(48 << 20)).build();
        assertThat(bomb.limit()).isLessThan(100_000);
        client.append(topic, bomb);
        client.append(topic, batch("after"));

        var refused = refusal(() -> client.readAll(topic));
        var after = client.fetch().read(read(topic, offset(1)).build());

        assertThat(refused.reason()).isEqualTo(ErrorReason.DECOMPRESSED_SIZE_EXCEEDED);
        assertThat(refused.metadata("next_offset")).isEqualTo("1");
        assertThat(after.getRecords(0).getValue().toStringUtf8()).isEqualTo("after");
    }

    @Test
    void readsAtMostWhatIsAskedForAndSaysWhereToGoOn() {
        var topic = client.createTopic("pages", 1);
        append(topic, ApiClient.records("a", "b", "c", "d", "e"));

        var first = client.fetch().read(read(topic, offset(0)).setMaxRecords(2).build());
        var second = client.fetch().read(read(topic, offset(first.getNextOffset())).build());
        var small = client.fetch().read(read(topic, offset(0)).setMaxBytes(1).build());

        assertThat(first.getRecordsList())
                .extracting(StoredRecord::getOffset)
                .containsExactly(0L, 1L);
        assertThat(first.getHighWatermark()).isEqualTo(5);
        assertThat(second.getRecordsList())
                .extracting(StoredRecord::getOffset)
                .containsExactly(2L, 3L, 4L);
        assertThat(small.getRecordsCount()).isEqualTo(1);
    }

    @Test
    void refusesPositionsAndLimitsThatCannotBe() {
        var topic = client.createTopic("bad-reads", 1);
        append(topic, ApiClient.records("a"));

        assertThat(refused(read(topic, offset(-1)))).isEqualTo(ErrorReason.OFFSET_OUT_OF_RANGE);
        assertThat(refused(read(topic, offset(2)))).isEqualTo(ErrorReason.OFFSET_OUT_OF_RANGE);
        assertThat(refused(read(topic, offset(0)).setMaxBytes(-1)))
                .isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(refused(read(topic, offset(0)).setPartition(-1)))
                .isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(refused(read(topic, offset(0)).setPartition(1)))
                .isEqualTo(ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(refused(read(topic, StartPosition.newBuilder())))
                .isEqualTo(ErrorReason.INVALID_REQUEST);
        assertThat(refused(read(ApiClient.topic("a\nb"), offset(0))))
                .isEqualTo(ErrorReason.INVALID_TOPIC_NAME);
        assertThat(refused(read(TopicRef.getDefaultInstance(), offset(0))))
                .isEqualTo(ErrorReason.INVALID_REQUEST);
    }

    @Test
    void waitsForARecordOnlyAsLongAsItIsTold() throws Exception {
        var topic = client.createTopic("wait", 1);

        var none = client.fetch().read(read(topic, offset(0)).setMaxWaitMs(50).build());
        var waiting =
                CompletableFuture.supplyAsync(
                        () ->
                                client.fetch()
                                        .read(read(topic, offset(0)).setMaxWaitMs(15_000).build()));
        append(topic, ApiClient.records("came"));

        assertThat(none.getRecordsCount()).isZero();
        assertThat(none.getNextOffset()).isZero();
        assertThat(waiting.get().getRecords(0).getValue().toStringUtf8()).isEqualTo("came");
    }

    @Test
    void findsOffsetsByTime() {
        var topic = client.createTopic("times", 1);
        for (long timestampMs : new long[] {1_000, 2_000, 3_000}) {
            append(
                    topic,
                    RecordSet.newBuilder()
                            .addRecords(NewRecord.newBuilder().setTimestampMs(timestampMs))
                            .build());
        }

        assertThat(listed(topic, StartPosition.newBuilder().setTimestampMs(1_500))).isEqualTo(1);
        assertThat(listed(topic, StartPosition.newBuilder().setTimestampMs(9_000))).isEqualTo(3);
        assertThat(listed(topic, StartPosition.newBuilder().setEarliest(true))).isZero();
        assertThat(listed(topic, StartPosition.newBuilder().setLatest(true))).isEqualTo(3);
        assertThat(refusal(() -> listed(topic, offset(1))).reason())
                .isEqualTo(ErrorReason.INVALID_REQUEST);
    }

    private static void append(TopicRef topic, RecordSet records) {
        client.produce()
                .append(
                        AppendRequest.newBuilder()
                                .setTopic(topic)
                                .setPartition(0)
                                .setRecords(records)
                                .build());
    }

    private static ErrorReason reasonOf(TopicRef topic, RecordSet.Builder records) {
        return refusal(() -> append(topic, records.build())).reason();
    }

    private static ErrorReason refused(ReadRequest.Builder request) {
        return refusal(() -> client.fetch().read(request.build())).reason();
    }

    private static ReadRequest.Builder read(TopicRef topic, StartPosition.Builder start) {
        return ReadRequest.newBuilder().setTopic(topic).setStart(start);
    }

    private static StartPosition.Builder offset(long offset) {
        return StartPosition.newBuilder().setOffset(offset);
    }

    private static long listed(TopicRef topic, StartPosition.Builder position) {
        return client.fetch()
                .listOffsets(
                        ListOffsetsRequest.newBuilder()
                                .setTopic(topic)
                                .setPosition(position)
                                .build())
                .getOffset();
    }
}
