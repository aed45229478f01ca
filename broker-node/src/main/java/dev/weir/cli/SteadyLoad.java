// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.ClientException;
import dev.weir.client.FetchedRecord;
import dev.weir.client.Producer;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// A producer that sends numbered records to one partition at a steady rate, whatever the
/// acknowledgements do: 200 a second of 1 KiB, acks=all.
///
/// **Threading:** one thread owns it; it sends on another one.
final class SteadyLoad implements AutoCloseable {

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1) / 200;
    private static final int VALUE_BYTES = 1024;

    private final TopicPartition partition;
    private final Producer producer;
    private final AckTimeline timeline = new AckTimeline();
    private final Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();
    private final Thread sender = Thread.ofPlatform().name("steady-load").unstarted(this::sendAll);
    private volatile boolean isFinishing;
    private volatile long startedNs;

    SteadyLoad(WeirClient client, TopicPartition partition) {
        this.partition = partition;
        this.producer =
                client.producer(
                        ProducerConfig.DEFAULT.withBatching(
                                ProducerConfig.DEFAULT.batchBytes(), Duration.ZERO));
    }

    /// The number that a record carries.
    static int numberOf(FetchedRecord fetched) {
        var value = fetched.record().value();
        if (value == null || value.remaining() != VALUE_BYTES) {
            throw new CommandFailure("a record that nobody sent is at offset " + fetched.offset());
        }
        return value.getInt(value.position());
    }

    void start() {
        startedNs = System.nanoTime();
        sender.start();
    }

    /// Whether the load runs for so long at least, and an acknowledgement came within the last
    /// tenth of a second.
    ///
    /// @throws CommandFailure a record was refused
    boolean isFlowing(long forNs) {
        var failed = failure.get();
        if (failed != null) {
            throw new CommandFailure(
                    "a record was not acknowledged: " + failed.getMessage(), failed);
        }
        var nowNs = System.nanoTime();
        var last = timeline.lastNs();
        return nowNs - startedNs > forNs
                && last.isPresent()
                && nowNs - last.getAsLong() < TimeUnit.MILLISECONDS.toNanos(100);
    }

    /// Sends no more, and waits for the acknowledgements of all that was sent.
    ///
    /// @throws CommandFailure one did not come, or was a refusal
    void finish(Duration timeout) {
        isFinishing = true;
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
        var isDone = producer.flush(timeout);
        var failed = failure.get();
        if (!isDone || failed != null) {
            throw new CommandFailure(
                    "a record was not acknowledged: "
                            + (failed == null ? "not in time" : failed.getMessage()),
                    failed);
        }
    }

    AckTimeline timeline() {
        return timeline;
    }

    /// Each acknowledged record's offset, by number.
    Map<Integer, Long> acknowledged() {
        return Map.copyOf(acknowledged);
    }

    private void sendAll() {
        var value = new byte[VALUE_BYTES];
        new Random(1).nextBytes(value);
        for (var number = 0; !isFinishing && failure.get() == null; number++) {
            var dueNs = startedNs + number * INTERVAL_NS;
            for (var left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            ByteBuffer.wrap(value).putInt(0, number);
            var sent = number;
            try {
                producer.send(
                        ProducerRecord.of(partition.topic(), null, value)
                                .toPartition(partition.partition()),
                        (receipt, failed) -> {
                            if (receipt != null) {
                                timeline.add(System.nanoTime());
                                acknowledged.put(sent, receipt.offset());
                            } else {
                                failure.compareAndSet(null, failed);
                            }
                        });
            } catch (ClientException e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    @Override
    public void close() {
        isFinishing = true;
        producer.close(Duration.ofSeconds(1));
    }
}
