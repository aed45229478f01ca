// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.client.Acks;
import dev.weir.client.ClientException;
import dev.weir.client.Producer;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.Receipt;
import dev.weir.client.WeirClient;
import dev.weir.record.Compression;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// `weir produce`: a record a line.
@Command(
        name = "produce",
        description = {
            "Produces a record for each line of FILE, or of standard input.",
            "A line is everything up to a newline, byte for byte; an empty line is an empty record."
                    + " Bytes after the last newline are a record too."
        },
        footer = {
            "",
            "Examples:",
            "  weir produce orders < orders.txt",
            "  weir produce orders orders.txt --compression zstd",
            "  printf 'k1:v1\\nk2:v2\\n' | weir produce orders --key-separator : --verbose"
        })
final class ProduceCommand extends ClientCommand {

    private static final int LINE_BYTES_MAX = ProducerConfig.MAX_BATCH_BYTES;

    /// Above the delivery timeout, which ends every record.
    private static final Duration FLUSH = Duration.ofMinutes(5);

    @Parameters(index = "0", paramLabel = "TOPIC")
    private String topic = "";

    @Parameters(
            index = "1",
            paramLabel = "FILE",
            arity = "0..1",
            description = "Default: standard input.")
    private @Nullable Path file;

    @Option(
            names = "--key-separator",
            paramLabel = "S",
            description = "What is before its first occurrence in a line is the record's key.")
    private @Nullable String keySeparator;

    @Option(
            names = "--acks",
            paramLabel = "all|leader|none",
            defaultValue = "all",
            description = "When a record counts as delivered. Default: ${DEFAULT-VALUE}.")
    private Acks acks = Acks.ALL;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description = "Default: by key; without a key the producer spreads.")
    private @Nullable Integer partition;

    @Option(
            names = "--compression",
            paramLabel = "CODEC",
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd. Default: ${DEFAULT-VALUE}.")
    private Compression compression = Compression.NONE;

    @Option(
            names = "--verbose",
            description = "Prints 'PARTITION OFFSET' on standard output for each record.")
    private boolean verbose;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();

    @Override
    void run(WeirClient client) throws IOException {
        var startNs = System.nanoTime();
        var config = ProducerConfig.DEFAULT.withAcks(acks).withCompression(compression);
        var partitions = client.admin().describeTopic(topic).partitions().size();
        if (partition != null && (partition < 0 || partition >= partitions)) {
            throw new CommandFailure(
                    "topic %s has no partition %d: use 0 to %d"
                            .formatted(topic, partition, partitions - 1));
        }
        var separator = keySeparator == null ? null : keySeparator.getBytes(UTF_8);
        var progress = new Progress(err());
        var bytes = 0L;
        long lines;
        try (var in = open();
                var producer = client.producer(config)) {
            var reader = new LineReader(in, LINE_BYTES_MAX);
            for (var line = reader.next();
                    line != null && failure.get() == null;
                    line = reader.next()) {
                send(producer, record(line, separator, reader.lines()));
                bytes += line.length;
                progress.update(
                        () ->
                                "sent %,d records, %,d acknowledged"
                                        .formatted(reader.lines(), acknowledged.get()));
            }
            lines = reader.lines();
            awaitAcknowledgements(producer);
        } finally {
            progress.done();
        }
        var failed = failure.get();
        if (failed != null) {
            throw new CommandFailure(
                    "%s: %d record(s) were acknowledged before, later ones may or may not be stored"
                            .formatted(failed.getMessage(), acknowledged.get()),
                    failed);
        }
        summarise(lines, bytes, (System.nanoTime() - startNs) / 1e9);
    }

    private static void awaitAcknowledgements(Producer producer) {
        if (!producer.flush(FLUSH)) {
            throw new CommandFailure(
                    "not everything was acknowledged in "
                            + FLUSH.toMinutes()
                            + " minutes: see the node's log");
        }
    }

    @Override
    String topicName() {
        return topic;
    }

    private InputStream open() throws IOException {
        if (file == null) {
            if (Progress.isTerminal(0) && Progress.isTerminal(2)) {
                err().println("each line becomes a record; Ctrl-D ends");
            }
            return new FileInputStream(FileDescriptor.in);
        }
        if (Files.isDirectory(file)) {
            throw new CommandFailure(file + " is a directory: name a file");
        }
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    "there is no file " + file + ": give another, or none for standard input", e);
        }
    }

    private ProducerRecord record(byte[] line, byte @Nullable [] separator, long number) {
        byte[] key = null;
        var value = line;
        if (separator != null) {
            var at = indexOf(line, separator);
            if (at < 0) {
                throw new CommandFailure(
                        "line %d has no key separator '%s': add one, or leave out --key-separator"
                                .formatted(number, keySeparator));
            }
            key = Arrays.copyOfRange(line, 0, at);
            value = Arrays.copyOfRange(line, at + separator.length, line.length);
        }
        var record = ProducerRecord.of(topic, key, value);
        return partition == null ? record : record.toPartition(partition);
    }

    private void send(Producer producer, ProducerRecord record) {
        producer.send(
                record,
                (receipt, failed) -> {
                    if (failed != null) {
                        failure.compareAndSet(null, failed);
                    } else if (receipt != null) {
                        acknowledged.incrementAndGet();
                        if (verbose) {
                            print(receipt);
                        }
                    }
                });
    }

    private void print(Receipt receipt) {
        if (wantsJson()) {
            out().println(
                            Json.object()
                                    .put("partition", receipt.partition())
                                    .put("offset", receipt.offset())
                                    .put("leaderEpoch", receipt.leaderEpoch())
                                    .put(
                                            "durability",
                                            receipt.durability().name().toLowerCase(Locale.ROOT)));
        } else {
            out().println(receipt.partition() + " " + receipt.offset());
        }
    }

    private void summarise(long lines, long bytes, double seconds) {
        if (wantsJson()) {
            out().println(
                            Json.object()
                                    .put("records", lines)
                                    .put("bytes", bytes)
                                    .put("acknowledged", acknowledged.get())
                                    .put("seconds", seconds));
            return;
        }
        err().printf(
                        "produced %d record(s), %d bytes, to %s in %.2f s; acks=%s: %d"
                                + " acknowledged%n",
                        lines,
                        bytes,
                        topic,
                        seconds,
                        acks.name().toLowerCase(Locale.ROOT),
                        acknowledged.get());
    }

    private static int indexOf(byte[] line, byte[] wanted) {
        for (var at = 0; at + wanted.length <= line.length; at++) {
            if (Arrays.equals(line, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}
