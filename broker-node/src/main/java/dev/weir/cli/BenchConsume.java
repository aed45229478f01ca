// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import picocli.CommandLine.Command;

import java.time.Duration;

/// `weir bench consume`: reads and decodes as fast as it goes; latency is the wait for a batch.
@Command(
        name = "consume",
        description =
                "Reads records from the beginning as fast as it goes, decoded. Latency: the wait"
                        + " for a batch. --record-size is not used.",
        footer = {"", "Examples:", "  weir bench consume --topic bench --records 3000000"})
final class BenchConsume extends BenchClient {

    private static final Duration NO_MORE = Duration.ofSeconds(10);

    @Override
    Measured measure(WeirClient client, int partitions) {
        var latency = new LatencyHistogram();
        var progress = new Progress(err());
        var count = 0L;
        var bytes = 0L;
        var startNs = System.nanoTime();
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            for (var partition = 0; partition < partitions; partition++) {
                reader.assign(new TopicPartition(topicName(), partition), StartPosition.EARLIEST);
            }
            while (count < records()) {
                var askedNs = System.nanoTime();
                var batch = reader.poll(NO_MORE);
                latency.record(System.nanoTime() - askedNs);
                if (batch.isEmpty()) {
                    throw new CommandFailure(
                            "the topic has only %d records: give --records %d"
                                    .formatted(count, count));
                }
                for (var fetched : batch) {
                    var value = fetched.record().value();
                    bytes += value == null ? 0 : value.remaining();
                    count++;
                }
                var read = count;
                progress.update(() -> "consumed %,d of %,d records".formatted(read, records()));
            }
        } finally {
            progress.done();
        }
        return new Measured(count, bytes, (System.nanoTime() - startNs) / 1e9, latency);
    }
}
