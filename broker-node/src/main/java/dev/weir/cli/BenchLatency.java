// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.Acks;
import dev.weir.client.ClientException;
import dev.weir.client.Producer;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.Reader;
import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// `weir bench latency`: records at a steady rate, timed from when they were due to be sent until
/// they were consumed, in one process with one clock.
///
/// Due, not sent: a producer that stalls must not make its own delay invisible.
@Command(
        name = "latency",
        description = {
            "Produces at a steady rate and consumes in the same process. Latency: from when a"
                    + " record was due to be sent until it was consumed."
        },
        footer = {
            "",
            "Examples:",
            "  weir bench latency --topic bench --records 20000 --rate 1000"
        })
final class BenchLatency extends BenchClient {

    private static final Duration LOST = Duration.ofSeconds(30);

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            defaultValue = "1000",
            description = "Records a second. Default: ${DEFAULT-VALUE}.")
    private long rate;

    @Option(
            names = "--acks",
            paramLabel = "all|leader|none",
            defaultValue = "all",
            description = "Default: ${DEFAULT-VALUE}.")
    private Acks acks = Acks.ALL;

    @Option(
            names = "--linger-ms",
            paramLabel = "MS",
            defaultValue = "0",
            description = "Default: ${DEFAULT-VALUE}.")
    private long lingerMs;

    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();

    @Override
    Measured measure(WeirClient client, int partitions) throws InterruptedException {
        if (recordSize() < Long.BYTES || rate < 1) {
            throw new CommandFailure("use --record-size 8 or more, and --rate 1 or more");
        }
        var config =
                ProducerConfig.DEFAULT
                        .withAcks(acks)
                        .withBatching(
                                ProducerConfig.DEFAULT.batchBytes(), Duration.ofMillis(lingerMs));
        var latency = new LatencyHistogram();
        try (var reader = client.reader(ReaderConfig.DEFAULT);
                var producer = client.producer(config)) {
            for (var number = 0; number < partitions; number++) {
                var partition = new TopicPartition(topicName(), number);
                reader.assign(
                        partition,
                        StartPosition.at(reader.offsetOf(partition, StartPosition.LATEST)));
            }
            var startNs = System.nanoTime();
            var sender =
                    Thread.ofPlatform().name("bench-send").start(() -> sendAll(producer, startNs));
            receiveAll(reader, latency);
            sender.join();
            var seconds = (System.nanoTime() - startNs) / 1e9;
            return new Measured(records(), records() * recordSize(), seconds, latency);
        }
    }

    private void sendAll(Producer producer, long startNs) {
        var values = values();
        for (var i = 0L; i < records() && failure.get() == null; i++) {
            var dueNs = startNs + TimeUnit.SECONDS.toNanos(1) * i / rate;
            for (var left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            var value = values[(int) (i % values.length)];
            ByteBuffer.wrap(value).putLong(0, dueNs);
            try {
                producer.send(
                        ProducerRecord.of(topicName(), null, value),
                        (receipt, failed) -> {
                            if (failed != null) {
                                failure.compareAndSet(null, failed);
                            }
                        });
            } catch (ClientException e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void receiveAll(Reader reader, LatencyHistogram latency) {
        var progress = new Progress(err());
        var received = 0L;
        try {
            while (received < records()) {
                var batch = reader.poll(LOST);
                var nowNs = System.nanoTime();
                var failed = failure.get();
                if (failed != null) {
                    throw failed;
                }
                if (batch.isEmpty()) {
                    throw new CommandFailure(
                            "only %d of %d records came: is something else using the topic?"
                                    .formatted(received, records()));
                }
                for (var fetched : batch) {
                    var value = fetched.record().value();
                    if (value != null && value.remaining() >= Long.BYTES) {
                        latency.record(nowNs - value.getLong(value.position()));
                        received++;
                    }
                }
                var count = received;
                progress.update(() -> "%,d of %,d records".formatted(count, records()));
            }
        } finally {
            progress.done();
        }
    }
}
