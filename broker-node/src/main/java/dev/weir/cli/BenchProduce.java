// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.Acks;
import dev.weir.client.ClientException;
import dev.weir.client.Producer;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.WeirClient;
import dev.weir.record.Compression;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/// `weir bench produce`: as fast as it goes; latency is from the call of `send` to the
/// acknowledgement.
@Command(
        name = "produce",
        description =
                "Produces as fast as it goes. Latency: from the call of send to the"
                        + " acknowledgement.",
        footer = {
            "",
            "Examples:",
            "  weir topic create bench --partitions 6",
            "  weir bench produce --topic bench --records 3000000 --record-size 1024 --acks all"
                    + " --pids 4711"
        })
final class BenchProduce extends BenchClient {

    private static final Duration FLUSH = Duration.ofMinutes(5);

    @Option(
            names = "--acks",
            paramLabel = "all|leader|none",
            defaultValue = "all",
            description = "Default: ${DEFAULT-VALUE}.")
    private Acks acks = Acks.ALL;

    @Option(
            names = "--linger-ms",
            paramLabel = "MS",
            defaultValue = "5",
            description = "Default: ${DEFAULT-VALUE}.")
    private long lingerMs;

    @Option(
            names = "--batch-bytes",
            paramLabel = "BYTES",
            defaultValue = "262144",
            description = "Default: ${DEFAULT-VALUE}.")
    private int batchBytes;

    @Option(
            names = "--compression",
            paramLabel = "CODEC",
            defaultValue = "none",
            description = "Default: ${DEFAULT-VALUE}.")
    private Compression compression = Compression.NONE;

    @Option(
            names = "--partitions-spread",
            description =
                    "Each record goes to the next partition in turn. Default: the producer fills a"
                            + " batch for one partition, then goes to the next.")
    private boolean spread;

    private final LatencyHistogram latency = new LatencyHistogram();
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();

    @Override
    Measured measure(WeirClient client, int partitions) {
        var config =
                ProducerConfig.DEFAULT
                        .withAcks(acks)
                        .withCompression(compression)
                        .withBatching(batchBytes, Duration.ofMillis(lingerMs));
        var records = prepare(partitions);
        var progress = new Progress(err());
        var startNs = System.nanoTime();
        double seconds;
        try (var producer = client.producer(config)) {
            for (var i = 0L; i < records() && failure.get() == null; i++) {
                send(producer, records[(int) (i % records.length)]);
                var sent = i + 1;
                progress.update(() -> progressLine(sent, startNs));
            }
            if (!producer.flush(FLUSH)) {
                throw new CommandFailure("not everything was acknowledged: see the node's log");
            }
            seconds = (System.nanoTime() - startNs) / 1e9;
        } finally {
            progress.done();
        }
        var failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return new Measured(records(), records() * recordSize(), seconds, latency);
    }

    /// The records that are sent again and again: each value once for each partition it goes to.
    private ProducerRecord[] prepare(int partitions) {
        var values = values();
        var targets = spread ? partitions : 1;
        var records = new ProducerRecord[values.length * targets];
        for (var i = 0; i < records.length; i++) {
            var record = ProducerRecord.of(topicName(), null, values[i / targets]);
            records[i] = spread ? record.toPartition(i % targets) : record;
        }
        return records;
    }

    private void send(Producer producer, ProducerRecord record) {
        var sentNs = System.nanoTime();
        producer.send(
                record,
                (receipt, failed) -> {
                    if (failed == null) {
                        latency.record(System.nanoTime() - sentNs);
                    } else {
                        failure.compareAndSet(null, failed);
                    }
                });
    }

    private String progressLine(long sent, long startNs) {
        var seconds = (System.nanoTime() - startNs) / 1e9;
        return "%d %% of %,d records, %.1f MB/s, p99 %.1f ms"
                .formatted(
                        sent * 100 / records(),
                        records(),
                        sent * recordSize() / 1e6 / seconds,
                        latency.percentileMs(0.99));
    }
}
