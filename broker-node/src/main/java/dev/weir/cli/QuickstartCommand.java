// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.client.ClientException;
import dev.weir.client.NewTopic;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// `weir quickstart`: the promise of this program, shown in a few seconds.
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a node in a temporary directory, produces each line of FILE (or of a text of"
                    + " its own) as a record, kills the node with kill -9 in the middle, starts it"
                    + " again, consumes everything and compares it byte for byte.",
            "Exit code 0 means: nothing was lost, nothing was stored twice, everything is in order."
        },
        footer = {"", "Examples:", "  weir quickstart", "  weir quickstart /usr/share/dict/words"})
final class QuickstartCommand implements Callable<Integer> {

    private static final String TOPIC = "quickstart";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration FLUSH = Duration.ofMinutes(3);
    private static final Duration NO_MORE = Duration.ofSeconds(30);

    /// A node that lives for seconds does not earn back what the optimising compiler costs.
    private static final List<String> SHORT_LIFE = List.of("-XX:TieredStopAtLevel=1");

    private static final int SAMPLE_LINES = 20_000;
    private static final int LINES_MAX = 5_000_000;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "A text. Default: one of its own.")
    private @Nullable Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();
    private volatile @Nullable NodeProcess node;

    @Override
    public Integer call() throws IOException {
        var lines = readLines();
        if (lines.size() < 4) {
            throw new CommandFailure("the text has fewer than four lines: give a longer one");
        }
        var directory = Files.createTempDirectory("weir-quickstart-");
        var cleanup = new Thread(() -> cleanUp(directory), "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanup);
        var config = DevDirectory.prepareNode(directory, 0);
        startNode(config);
        var address = BrokerConfig.load(config).advertisedAddress().toString();
        try (var client = WeirClient.connect(address)) {
            client.admin().createTopic(NewTopic.of(TOPIC, 1), false);
            say("started a node at %s, made topic %s", address, TOPIC);
            produce(client, lines, config);
            verify(client, lines);
        }
        return 0;
    }

    private List<byte[]> readLines() throws IOException {
        var lines = new ArrayList<byte[]>();
        try (var in = open()) {
            var reader = new LineReader(in, ProducerConfig.MAX_BATCH_BYTES / 2);
            for (var line = reader.next(); line != null; line = reader.next()) {
                if (lines.size() == LINES_MAX) {
                    throw new CommandFailure(
                            "the text has more than " + LINES_MAX + " lines: give a shorter one");
                }
                lines.add(line);
            }
        }
        return lines;
    }

    private InputStream open() throws IOException {
        if (file == null) {
            return new ByteArrayInputStream(SampleLines.text(SAMPLE_LINES));
        }
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new CommandFailure("there is no file " + file + ": give another, or none", e);
        }
    }

    /// Sends all lines. The node dies when a quarter of them is acknowledged, with others on their
    /// way and the last quarter not yet sent.
    private void produce(WeirClient client, List<byte[]> lines, Path config) {
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            var quarter = lines.size() / 4;
            send(producer, lines.subList(0, quarter));
            awaitAcknowledged(quarter);
            // The next ones are on their way, or not even that, when the node dies.
            send(producer, lines.subList(quarter, 3 * quarter));
            killAndRestart(config, 3 * quarter);
            send(producer, lines.subList(3 * quarter, lines.size()));
            if (!producer.flush(FLUSH)) {
                throw new CommandFailure(
                        "the node did not acknowledge everything: see " + config.getParent());
            }
        }
        failIfRefused();
        say("all %,d records are acknowledged: they are on stable storage", acknowledged.get());
    }

    private void awaitAcknowledged(long wanted) {
        var deadlineNs = System.nanoTime() + FLUSH.toNanos();
        while (acknowledged.get() < wanted && System.nanoTime() - deadlineNs < 0) {
            failIfRefused();
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }

    private void failIfRefused() {
        var failed = failure.get();
        if (failed != null) {
            throw new CommandFailure(
                    "a record was not acknowledged: " + failed.getMessage(), failed);
        }
    }

    private void send(Producer producer, List<byte[]> lines) {
        for (var line : lines) {
            producer.send(
                    ProducerRecord.of(TOPIC, null, line),
                    (receipt, failed) -> {
                        if (failed == null) {
                            acknowledged.incrementAndGet();
                        } else {
                            failure.compareAndSet(null, failed);
                        }
                    });
        }
    }

    private void killAndRestart(Path config, int sent) {
        var running = node;
        if (running == null) {
            throw new IllegalStateException("no node runs");
        }
        running.kill();
        var acknowledgedBefore = acknowledged.get();
        say(
                "killed the node (kill -9) after %,d records were sent and %,d acknowledged",
                sent, acknowledgedBefore);
        startNode(config);
        say("started it again");
    }

    private void startNode(Path config) {
        var started = NodeProcess.start(config, SHORT_LIFE);
        node = started;
        started.awaitReady(START);
    }

    private void verify(WeirClient client, List<byte[]> lines) {
        var partition = new TopicPartition(TOPIC, 0);
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            var end = reader.offsetOf(partition, StartPosition.LATEST);
            if (end != lines.size()) {
                throw new CommandFailure(
                        "produced %d records and found %d: this is a bug, please report it"
                                .formatted(lines.size(), end));
            }
            reader.assign(partition, StartPosition.EARLIEST);
            compare(reader, lines);
        }
        var count = lines.size();
        var out = spec.commandLine().getOut();
        out.printf(
                "produced %d%nconsumed %d%nverified %d, byte for byte, in order%n",
                count, count, count);
        out.flush();
    }

    private static void compare(Reader reader, List<byte[]> lines) {
        var next = 0;
        while (next < lines.size()) {
            var records = reader.poll(NO_MORE);
            if (records.isEmpty()) {
                throw new CommandFailure(
                        "no record came after number " + next + ": see the node's log");
            }
            for (var fetched : records) {
                var value = fetched.record().value();
                if (fetched.offset() != next || !ByteBuffer.wrap(lines.get(next)).equals(value)) {
                    throw new CommandFailure(
                            "record %d is not line %d of the text: this is a bug, please report it"
                                    .formatted(fetched.offset(), next + 1));
                }
                next++;
            }
        }
    }

    private void cleanUp(Path directory) {
        var running = node;
        if (running != null) {
            running.kill();
        }
        DevDirectory.delete(directory);
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getErr().printf(format + "%n", arguments);
        spec.commandLine().getErr().flush();
    }
}
