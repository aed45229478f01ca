// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static dev.weir.broker.rpc.ApiClient.batch;
import static dev.weir.broker.rpc.ApiClient.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.ListOffsetsResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.StoredRecord;
import dev.weir.api.v1.Subscribe;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.TestNode;
import dev.weir.log.disk.Disk;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import io.grpc.netty.NettyChannelBuilder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What clients of a real node hear while its disk fails, hangs or rots.
class FailingDiskTest {

    private static final long PATIENCE_S = 20;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    @TempDir private Path directory;

    @Test
    void afterAFailedFlushNothingIsAcknowledgedAndReadsGoOn() {
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var client = new ApiClient(node.channel());
            var topic = client.createTopic("fails", 1);
            var other = client.createTopic("same-disk", 1);
            client.append(topic, batch("kept"));
            client.append(other, batch("kept too"));
            disk.inject(
                    operation -> isFlushOfALog(operation) ? new Fault.IoError() : new Fault.None());

            var unanswered = refusal(() -> client.append(topic, batch("lost")));
            disk.inject(_ -> new Fault.None());
            var later = refusal(() -> client.append(topic, batch("later")));

            assertThat(unanswered.reason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
            assertThat(later.reason()).isEqualTo(ErrorReason.LOG_DIR_OFFLINE);
            assertThat(later.saysWhenToRetry()).isTrue();
            assertThat(valuesOf(client.readAll(topic).getRecordsList())).containsExactly("kept");
            assertThat(valuesOf(client.readAll(other).getRecordsList()))
                    .containsExactly("kept too");
            assertThat(refusal(() -> client.append(other, batch("x"))).reason())
                    .isEqualTo(ErrorReason.LOG_DIR_OFFLINE);
            assertThat(node.halts()).isEmpty();
        }
    }

    @Test
    void tellsOfAnUnknownOutcomeBeforeTheCallersDeadline() throws Exception {
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var client = new ApiClient(node.channel());
            var topic = client.createTopic("hangs", 1);
            client.append(topic, batch("a"));
            hangAt(FailingDiskTest::isFlushOfALog);
            try {
                var request =
                        AppendRequest.newBuilder()
                                .setTopic(topic)
                                .setRecordBatch(ByteString.copyFrom(batch("b")))
                                .setPartition(0)
                                .build();
                var impatient =
                        ProduceServiceGrpc.newBlockingStub(node.channel())
                                .withDeadlineAfter(6, TimeUnit.SECONDS);

                assertThat(refusal(() -> impatient.append(request)).reason())
                        .isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
            } finally {
                goesOn.countDown();
            }
        }
    }

    @Test
    void neverServesAStoredBatchThatIsDamaged() {
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var topic = new ApiClient(node.channel()).createTopic("rots", 1);
            for (var value : List.of("sound", "needle", "sound too")) {
                new ApiClient(node.channel()).append(topic, batch(value));
            }
            node.restart(() -> flipABitOf("needle"));
            var client = new ApiClient(node.channel());

            assertThat(valuesOf(client.readAll(topic).getRecordsList())).containsExactly("sound");
            var refused = refusal(() -> read(client, topic, 1));
            assertThat(refused.reason()).isEqualTo(ErrorReason.STORED_BATCH_CORRUPT);
            assertThat(refused.metadata("offset")).isEqualTo("1");
            assertThat(read(client, topic, 2)).containsExactly("sound too");
            assertThat(offsetAt(client, topic, 0).getOffset()).isZero();
            var stream = RecordedStream.open(FetchServiceGrpc.newStub(node.channel())::fetch);
            stream.send(subscribe(topic, 1));
            assertThat(refusal(stream.next().getError()).reason())
                    .isEqualTo(ErrorReason.STORED_BATCH_CORRUPT);
            stream.complete();
        }
    }

    @Test
    void aPartitionWhoseLogIsStillBeingOpenedHasNoLeader() throws Exception {
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var client = new ApiClient(node.channel());
            var topic = ApiClient.topic("opens");
            CompletableFuture<?> created;
            // Every call of the disk waits for its monitor.
            synchronized (disk) {
                created = CompletableFuture.runAsync(() -> client.createTopic("opens", 1));

                var refused = refusalOnceThereIsATopic(client, topic);

                assertThat(refused.reason()).isEqualTo(ErrorReason.NO_LEADER);
                assertThat(refused.saysWhenToRetry()).isTrue();
            }
            created.get(PATIENCE_S, TimeUnit.SECONDS);
            assertThat(client.append(topic, batch("now")).getBaseOffset()).isZero();
        }
    }

    private static ApiClient.Refusal refusalOnceThereIsATopic(ApiClient client, TopicRef topic) {
        var deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (System.nanoTime() < deadlineNs) {
            var refused = refusal(() -> client.append(topic, batch("early")));
            if (refused.reason() != ErrorReason.UNKNOWN_TOPIC_OR_PARTITION) {
                return refused;
            }
        }
        throw new AssertionError("no topic " + topic.getName());
    }

    @Test
    void refusesCallsUntilItsPartitionsAreOpenAndEpochsOfItsEarlierLife() throws Exception {
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var topic = new ApiClient(node.channel()).createTopic("restarts", 1);
            int before = new ApiClient(node.channel()).append(topic, batch("a")).getLeaderEpoch();
            var port = node.node().port();
            var restarted =
                    CompletableFuture.runAsync(
                            () -> node.restart(() -> hangAt(FailingDiskTest::isOfALog)));
            try {
                assertThat(hanging.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
                var channel =
                        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
                var early = new ApiClient(channel);

                var refused =
                        refusal(
                                () ->
                                        early.metadata()
                                                .getServerInfo(
                                                        GetServerInfoRequest.getDefaultInstance()));

                assertThat(refused.reason()).isEqualTo(ErrorReason.NODE_NOT_READY);
                assertThat(refused.saysWhenToRetry()).isTrue();
                channel.shutdownNow();
            } finally {
                goesOn.countDown();
            }
            restarted.get(PATIENCE_S, TimeUnit.SECONDS);
            var client = new ApiClient(node.channel());
            var stale =
                    AppendRequest.newBuilder()
                            .setTopic(topic)
                            .setPartition(0)
                            .setLeaderEpoch(before)
                            .setRecordBatch(ByteString.copyFrom(batch("b")))
                            .build();
            var refused = refusal(() -> client.produce().append(stale));
            int now = client.append(topic, batch("b")).getLeaderEpoch();
            assertThat(refused.reason()).isEqualTo(ErrorReason.FENCED_EPOCH);
            assertThat(refused.metadata("epoch")).isEqualTo(String.valueOf(now));
            assertThat(now).isGreaterThan(before);
        }
    }

    private interface Condition {
        boolean holds(DiskOperation operation);
    }

    private static boolean isOfALog(DiskOperation operation) {
        return operation.path().toString().endsWith(".log");
    }

    private static boolean isFlushOfALog(DiskOperation operation) {
        return operation.kind() == DiskOperation.Kind.FLUSH && isOfALog(operation);
    }

    /// The first such operation, and all behind it, wait for `goesOn`.
    private void hangAt(Condition condition) {
        disk.inject(
                operation -> {
                    if (condition.holds(operation)) {
                        hanging.countDown();
                        try {
                            goesOn.await(2 * PATIENCE_S, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                    return new Fault.None();
                });
    }

    private void flipABitOf(String value) {
        var wanted = ByteString.copyFromUtf8(value);
        for (var path : files(disk, directory.toAbsolutePath().resolve("data"))) {
            try (var file = disk.open(path)) {
                var bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
                file.read(0, bytes);
                int at = indexOf(bytes.array(), wanted.toByteArray());
                if (at >= 0) {
                    file.write(at, ByteBuffer.wrap(new byte[] {(byte) (bytes.get(at) ^ 1)}));
                    file.flush();
                    return;
                }
            }
        }
        throw new AssertionError("no file holds " + value);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (java.util.Arrays.mismatch(bytes, at, at + wanted.length, wanted, 0, wanted.length)
                    < 0) {
                return at;
            }
        }
        return -1;
    }

    private static List<Path> files(Disk disk, Path root) {
        return disk.list(root).stream()
                .filter(disk::isDirectory)
                .flatMap(partition -> disk.list(partition).stream())
                .filter(file -> file.toString().endsWith(".log"))
                .toList();
    }

    private static List<String> read(ApiClient client, TopicRef topic, long offset) {
        return valuesOf(
                client.fetch()
                        .read(
                                ReadRequest.newBuilder()
                                        .setTopic(topic)
                                        .setStart(StartPosition.newBuilder().setOffset(offset))
                                        .build())
                        .getRecordsList());
    }

    private static ListOffsetsResponse offsetAt(ApiClient client, TopicRef topic, long timeMs) {
        return client.fetch()
                .listOffsets(
                        ListOffsetsRequest.newBuilder()
                                .setTopic(topic)
                                .setPosition(StartPosition.newBuilder().setTimestampMs(timeMs))
                                .build());
    }

    private static List<String> valuesOf(List<StoredRecord> records) {
        return records.stream().map(record -> record.getValue().toStringUtf8()).toList();
    }

    private static FetchRequest subscribe(TopicRef topic, long offset) {
        return FetchRequest.newBuilder()
                .setSubscribe(
                        Subscribe.newBuilder()
                                .setSubscriptionId(1)
                                .setTopic(topic)
                                .setStart(StartPosition.newBuilder().setOffset(offset)))
                .build();
    }
}
