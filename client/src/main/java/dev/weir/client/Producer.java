// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.DescribeTopicResponse;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.client.core.PartitionAccumulator;
import dev.weir.client.core.ProducerCore;
import dev.weir.record.RecordBatchBuilder;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// Sends records. Any number of threads may send; records that one thread sends to one partition
/// are stored in that order, through retries, several requests in flight and reconnects.
///
/// A record is copied when it is sent. It is delivered when its future or callback says so, at the
/// level that [ProducerConfig#acks] asks for.
///
/// The sending thread encodes the record straight into its partition's batch, under that
/// partition's lock; a thread of the producer's own takes whole batches from there. So a record
/// costs no hand-over between threads, only a batch does, and the lock is held for one copy.
public final class Producer implements AutoCloseable {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final int IN_FLIGHT_MAX = 5;
    // Without sequences only one request at a time keeps the order through a retry.
    private static final int IN_FLIGHT_MAX_UNSEQUENCED = 1;

    private final ProducerConfig config;
    private final Calls calls;
    private final MemoryPool memory;
    private final FlushGate flushes = new FlushGate();
    private final ProducerWire wire;
    private final SenderLoop loop;
    private final PartitionAccumulator.Settings batching;
    private final Map<String, ProducerTopic> topics = new ConcurrentHashMap<>();
    private final Runnable unfollow;
    private volatile boolean isClosed;

    Producer(ProducerConfig config, ConnectionConfig connection, Nodes nodes) {
        this.config = config;
        this.calls = new Calls(nodes, atLeastOneMs(config.maxBlock()));
        this.memory = new MemoryPool(config.memoryBytes());
        this.wire =
                new ProducerWire(nodes, connection.requestTimeout(), config.acks(), new Topics());
        this.batching =
                new PartitionAccumulator.Settings(
                        config.compression(),
                        config.batchBytes(),
                        config.linger().toNanos(),
                        config.deliveryTimeout().toNanos());
        boolean isAnswered = config.acks() != Acks.NONE;
        var core =
                new ProducerCore<SendCallback>(
                        new ProducerCore.Settings(
                                config.idempotent(),
                                isAnswered,
                                config.idempotent() ? IN_FLIGHT_MAX : IN_FLIGHT_MAX_UNSEQUENCED,
                                connection.requestTimeout().toNanos(),
                                ThreadLocalRandom.current().nextLong()));
        this.loop = new SenderLoop(core, wire, memory, flushes, isAnswered);
        loop.start();
        this.unfollow = wire.followReachability(loop);
    }

    /// Sends a record.
    ///
    /// Blocks while the producer's memory is full or the topic is not known yet, at most for
    /// `maxBlock`.
    ///
    /// @return fails with a [ClientException]
    /// @throws ClientException if the record was not taken: `MemoryExhausted`, `RecordTooLarge`,
    ///   `Closed`, or why the topic or partition cannot be found
    public CompletableFuture<Receipt> send(ProducerRecord record) {
        var future = new ReceiptFuture();
        send(record, future);
        return future;
    }

    /// Sends a record and tells a callback, which costs less than a future.
    ///
    /// @throws ClientException as the other form
    public void send(ProducerRecord record, SendCallback callback) {
        if (isClosed) {
            throw new ClientException.Closed("the producer is closed");
        }
        var stamp = record.timestampMs();
        long timestampMs = stamp == null ? System.currentTimeMillis() : stamp;
        var partition = partitionOf(record);
        while (!append(partition, record, timestampMs, callback)) {
            Thread.onSpinWait();
            partition = partitionOf(record);
        }
        if (isClosed) {
            // Closed while this record was on its way in: the loop may have looked here for the
            // last time before.
            loop.awaitEnd(CLOSE_TIMEOUT.toNanos());
            loop.failLeft(partition, new ClientException.Closed("the producer is closed"));
        }
    }

    /// @return `false`: the partition is retired
    private boolean append(
            ProducerTopic.Partition partition,
            ProducerRecord record,
            long timestampMs,
            SendCallback callback) {
        boolean isActivated = false;
        boolean isAppended;
        synchronized (partition) {
            if (partition.isRetired) {
                return false;
            }
            isAppended =
                    partition.accumulator.tryAppend(
                            timestampMs, record.key(), record.value(), record.headers(), callback);
            if (isAppended && !partition.isActive) {
                partition.isActive = true;
                isActivated = true;
            }
        }
        if (!isAppended) {
            return appendWithMemory(partition, record, timestampMs, callback);
        }
        if (isActivated) {
            loop.activate(partition);
        }
        return true;
    }

    /// Sends what lingers and waits until every record sent before has been delivered or has
    /// failed.
    ///
    /// @return `false` if the timeout came first
    public boolean flush(Duration timeout) {
        if (loop.isSenderThread()) {
            throw new IllegalStateException("flush in a callback would wait for itself");
        }
        return flushes.await(System.nanoTime() + timeout.toNanos(), loop::wake);
    }

    /// Takes no more records, waits for those sent before, and fails what is left with `Closed`.
    ///
    /// @return `false` if something was left
    public boolean close(Duration timeout) {
        isClosed = true;
        unfollow.run();
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        boolean isFlushed = !loop.isSenderThread() && flushes.await(deadlineNs, loop::wake);
        loop.close(
                new ClientException.Closed(
                        "the producer was closed before the record was acknowledged"));
        loop.awaitEnd(CLOSE_TIMEOUT.toNanos());
        return isFlushed;
    }

    /// Waits for up to 30 s.
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /// Memory of records without an answer, in bytes.
    long usedMemoryBytes() {
        return memory.usedBytes();
    }

    /// The slow way: the batch needs memory, which is taken without the partition's lock if it has
    /// to be waited for.
    ///
    /// @return `false`: the partition is retired
    private boolean appendWithMemory(
            ProducerTopic.Partition partition,
            ProducerRecord record,
            long timestampMs,
            SendCallback callback) {
        long aloneBytes =
                RecordBatchBuilder.sizeBytesOfOne(record.key(), record.value(), record.headers());
        if (aloneBytes > ProducerConfig.MAX_BATCH_BYTES) {
            throw new ClientException.RecordTooLarge(aloneBytes, ProducerConfig.MAX_BATCH_BYTES);
        }
        long deadlineNs = System.nanoTime() + config.maxBlock().toNanos();
        byte[] brought = null;
        boolean isAppended = false;
        while (true) {
            int wantedBytes;
            synchronized (partition) {
                if (partition.isRetired) {
                    break;
                }
                isAppended =
                        partition.accumulator.tryAppend(
                                timestampMs,
                                record.key(),
                                record.value(),
                                record.headers(),
                                callback);
                if (isAppended) {
                    break;
                }
                wantedBytes = partition.accumulator.memoryWanted((int) aloneBytes);
                if (brought == null || brought.length < wantedBytes) {
                    brought = exchange(brought, wantedBytes);
                }
                if (brought != null) {
                    long epoch = flushes.enter();
                    var spare =
                            partition.accumulator.offerMemory(
                                    brought, (int) aloneBytes, System.nanoTime(), epoch);
                    if (spare != null) {
                        flushes.leave(epoch);
                        memory.giveBack(spare);
                    }
                    brought = null;
                    continue;
                }
            }
            brought = waitForMemory(wantedBytes, deadlineNs);
        }
        if (brought != null) {
            memory.giveBack(brought);
        }
        if (isAppended) {
            activate(partition);
        }
        return isAppended;
    }

    private byte @Nullable [] exchange(byte @Nullable [] brought, int wantedBytes) {
        if (brought != null) {
            memory.giveBack(brought);
        }
        return memory.tryTake(wantedBytes);
    }

    private byte[] waitForMemory(int wantedBytes, long deadlineNs) {
        if (loop.isSenderThread()) {
            throw new ClientException.MemoryExhausted(
                    "memory is full, and a callback cannot wait for it");
        }
        loop.wake();
        var memoryTaken = memory.take(wantedBytes, deadlineNs);
        if (memoryTaken == null) {
            throw new ClientException.MemoryExhausted(
                    "no "
                            + wantedBytes
                            + " bytes within "
                            + config.maxBlock().toMillis()
                            + " ms; "
                            + memory.usedBytes()
                            + " of "
                            + config.memoryBytes()
                            + " bytes wait for answers");
        }
        if (isClosed) {
            memory.giveBack(memoryTaken);
            throw new ClientException.Closed("the producer is closed");
        }
        return memoryTaken;
    }

    private void activate(ProducerTopic.Partition partition) {
        synchronized (partition) {
            if (partition.isActive) {
                // A batch may have become full just now, which is sooner than the loop expects one.
                loop.wake();
                return;
            }
            partition.isActive = true;
        }
        loop.activate(partition);
    }

    private ProducerTopic.Partition partitionOf(ProducerRecord record) {
        var topic = topics.get(record.topic());
        if (topic == null || topic.partitionCount() == 0) {
            topic = describe(record.topic());
        }
        var partition = topic.partitionOf(record);
        if (partition == null) {
            // The topic may have grown since it was last looked at.
            partition = describe(record.topic()).partitionOf(record);
        }
        if (partition == null) {
            throw StatusMapping.unknownPartition(
                    record.topic(), String.valueOf(record.partition()));
        }
        return partition;
    }

    private ProducerTopic describe(String name) {
        if (loop.isSenderThread()) {
            throw new IllegalStateException("a callback cannot wait for a topic's metadata");
        }
        var request =
                DescribeTopicRequest.newBuilder().setTopic(Descriptions.topicRef(name)).build();
        var response =
                calls.ask(
                        channel ->
                                calls.withAttemptDeadline(
                                                MetadataServiceGrpc.newBlockingStub(channel))
                                        .describeTopic(request));
        if (response.getTopic().getPartitionsCount() == 0) {
            throw StatusMapping.unknownPartition(name, "any");
        }
        learn(response);
        wire.postLeaders(loop, response);
        return topic(name);
    }

    private void learn(DescribeTopicResponse response) {
        topic(response.getTopic().getName()).resize(response.getTopic().getPartitionsCount());
    }

    private ProducerTopic topic(String name) {
        return topics.computeIfAbsent(
                name,
                _ -> new ProducerTopic(name, batching, ThreadLocalRandom.current().nextLong()));
    }

    private static Duration atLeastOneMs(Duration duration) {
        return duration.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : duration;
    }

    /// What is learnt of topics while records are sent.
    private final class Topics implements ProducerWire.Listener {

        @Override
        public void described(DescribeTopicResponse topic) {
            learn(topic);
        }

        @Override
        public boolean forget(String name) {
            var topic = topics.get(name);
            if (topic == null) {
                return true;
            }
            return topic.retire() && topics.remove(name, topic);
        }
    }

    /// Future and callback in one object.
    private static final class ReceiptFuture extends CompletableFuture<Receipt>
            implements SendCallback {

        @Override
        public void onCompletion(@Nullable Receipt receipt, @Nullable ClientException failure) {
            if (receipt != null) {
                complete(receipt);
            } else if (failure != null) {
                completeExceptionally(failure);
            }
        }
    }
}
