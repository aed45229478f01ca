// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

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
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// `weir quickstart`: the promise of this program, shown in a few seconds.
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Starts three nodes in a temporary directory, produces each line of FILE (or of a text"
                    + " of its own) as a record, kills the partition's leader with kill -9 in the"
                    + " middle, goes on with the two that are left, consumes everything and"
                    + " compares it byte for byte.",
            "Exit code 0 means: nothing was lost, nothing was stored twice, everything is in order."
        },
        footer = {"", "Examples:", "  weir quickstart", "  weir quickstart /usr/share/dict/words"})
final class QuickstartCommand implements Callable<Integer> {

    private static final String TOPIC = "quickstart";
    private static final int NODES = 3;
    private static final int TOPICS_MAX = 12;
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

    private final AckTimeline timeline = new AckTimeline();
    private final AtomicReference<@Nullable ClientException> failure = new AtomicReference<>();

    /// The topic that is used, and who is killed.
    private record Stage(String topic, int leader) {}

    @Override
    public Integer call() throws IOException {
        var lines = readLines();
        if (lines.size() < 4) {
            throw new CommandFailure("the text has fewer than four lines: give a longer one");
        }
        var directory = Files.createTempDirectory("weir-quickstart-");
        var configs = DevDirectory.prepare(directory, NODES, NODES, 0);
        var cluster = new LocalCluster(configs, SHORT_LIFE);
        var cleanup = new Thread(() -> cleanUp(cluster, directory), "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanup);
        cluster.start(START);
        say("started %d nodes: %s", NODES, cluster.bootstrap());
        try (var client = WeirClient.connect(cluster.bootstrap())) {
            var stage = prepare(client, cluster);
            var blindNs = produce(client, lines, cluster, stage);
            verify(client, lines, stage);
            report(lines.size(), stage, blindNs);
        }
        return 0;
    }

    /// Makes topics until one's leader is not the active controller, which is what a user's
    /// partitions are like most of the time.
    private Stage prepare(WeirClient client, LocalCluster cluster) {
        for (var i = 1; i <= TOPICS_MAX; i++) {
            var name = i == 1 ? TOPIC : TOPIC + "-" + i;
            cluster.createTopic(client, new NewTopic(name, 1, NODES, Map.of()), START);
            var deadlineNs = System.nanoTime() + START.toNanos();
            var partition = client.admin().describeTopic(name).partitions().getFirst();
            while (partition.isr().size() < NODES || partition.leader().isEmpty()) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new CommandFailure(
                            "the replicas of %s do not get in sync: %s".formatted(name, partition));
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                partition = client.admin().describeTopic(name).partitions().getFirst();
            }
            var leader = partition.leader().getAsInt();
            if (client.admin().describeCluster().controllerId().orElse(leader) != leader) {
                say("made topic %s on all of them; node %d leads it", name, leader);
                return new Stage(name, leader);
            }
        }
        throw new CommandFailure("the active controller leads every partition: try again");
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

    /// Sends all lines. The leader dies when a quarter of them is acknowledged, with others on
    /// their way and the last quarter not yet sent.
    ///
    /// @return how long no acknowledgement came
    private long produce(WeirClient client, List<byte[]> lines, LocalCluster cluster, Stage stage) {
        long killedNs;
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            var quarter = lines.size() / 4;
            send(producer, stage, lines.subList(0, quarter));
            awaitAcknowledged(quarter);
            // The next ones are on their way, or not even that, when the leader dies.
            send(producer, stage, lines.subList(quarter, 3 * quarter));
            killedNs = System.nanoTime();
            cluster.node(stage.leader()).kill();
            say(
                    "killed node %d (kill -9) after %,d records were sent and %,d acknowledged",
                    stage.leader(), 3 * quarter, timeline.count());
            send(producer, stage, lines.subList(3 * quarter, lines.size()));
            if (!producer.flush(FLUSH)) {
                throw new CommandFailure(
                        "not everything was acknowledged: see server.log beside "
                                + cluster.config(1));
            }
        }
        failIfRefused();
        say(
                "all %,d records are acknowledged: two nodes have them on stable storage",
                lines.size());
        return timeline.blindNs(killedNs).orElse(0);
    }

    private void awaitAcknowledged(long wanted) {
        var deadlineNs = System.nanoTime() + FLUSH.toNanos();
        while (timeline.count() < wanted && System.nanoTime() - deadlineNs < 0) {
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

    private void send(Producer producer, Stage stage, List<byte[]> lines) {
        for (var line : lines) {
            producer.send(
                    ProducerRecord.of(stage.topic(), null, line),
                    (receipt, failed) -> {
                        if (failed == null) {
                            timeline.add(System.nanoTime());
                        } else {
                            failure.compareAndSet(null, failed);
                        }
                    });
        }
    }

    private static void verify(WeirClient client, List<byte[]> lines, Stage stage) {
        var partition = new TopicPartition(stage.topic(), 0);
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
    }

    private void report(int count, Stage stage, long blindNs) {
        var out = spec.commandLine().getOut();
        out.printf(
                "produced %d%nconsumed %d%nverified %d, byte for byte, in order%n",
                count, count, count);
        out.printf("killed node %d, the leader (kill -9)%n", stage.leader());
        out.printf("blind for %.0f ms%n", blindNs / 1e6);
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

    private static void cleanUp(LocalCluster cluster, Path directory) {
        cluster.killAll();
        DevDirectory.delete(directory);
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getErr().printf(format + "%n", arguments);
        spec.commandLine().getErr().flush();
    }
}
