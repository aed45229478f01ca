// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.FetchedRecord;
import dev.weir.client.Reader;
import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// `weir consume`: records to standard output, and nothing else.
@Command(
        name = "consume",
        description = {
            "Writes records to standard output, each as --format says. Follows the topic until"
                    + " Ctrl-C.",
            "Begins with records that come from now on, unless told otherwise."
        },
        footer = {
            "",
            "Examples:",
            "  weir consume orders --from-beginning --until-end > orders.txt",
            "  weir consume orders --partition 0 --offset 42 --max 1",
            "  weir consume orders --timestamp 2026-01-31T12:00:00Z --format '%%p %%o %%t"
                    + " %%k=%%v\\n"
                    + "'",
            "",
            "Fields of --format: %%k key, %%v value, %%o offset, %%p partition, %%t timestamp (ms),"
                    + " %%h headers;",
            "escapes: \\n \\t \\r \\0 \\\\ \\xHH, and %%%% for a percent sign."
        })
final class ConsumeCommand extends ClientCommand {

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final Duration IDLE = Duration.ofSeconds(1);

    @Parameters(paramLabel = "TOPIC")
    private String topic = "";

    @ArgGroup private @Nullable Start start;

    @Option(names = "--partition", paramLabel = "P", description = "Default: all.")
    private @Nullable Integer partition;

    @Option(names = "--max", paramLabel = "N", description = "Ends after so many records.")
    private long max = Long.MAX_VALUE;

    @Option(
            names = "--until-end",
            description =
                    "Ends at the high watermark that each partition has when the command starts.")
    private boolean untilEnd;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "%v\\n",
            description = "How a record is written. Default: ${DEFAULT-VALUE}")
    private String format = "%v\\n";

    /// Where to begin; one of them.
    static final class Start {
        @Option(names = "--from-beginning", description = "With the first record there is.")
        private boolean fromBeginning;

        @Option(
                names = "--offset",
                paramLabel = "N",
                description = "At this offset of each partition.")
        private @Nullable Long offset;

        @Option(
                names = "--timestamp",
                paramLabel = "T",
                description =
                        "With the first record of each partition at or after T: milliseconds since"
                                + " the Unix epoch, or 2026-01-31T12:00:00Z.")
        private @Nullable String timestamp;
    }

    @Override
    void run(WeirClient client) throws IOException {
        var position = position();
        var lineFormat = LineFormat.parse(format);
        if (max < 1) {
            throw new CommandFailure("--max " + max + ": use 1 or more");
        }
        var partitions = partitions(client);
        var out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);
        var flushAtEnd = new Thread(() -> flushQuietly(out), "flush-output");
        Runtime.getRuntime().addShutdownHook(flushAtEnd);
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            var ends =
                    untilEnd
                            ? unreachedEnds(reader, partitions, position)
                            : Map.<Integer, Long>of();
            if (untilEnd && ends.isEmpty()) {
                return;
            }
            var wanted = untilEnd ? ends.keySet().stream().sorted().toList() : partitions;
            for (var number : wanted) {
                reader.assign(new TopicPartition(topic, number), position);
            }
            new Copy(reader, out, lineFormat, new HashMap<>(ends)).run();
        } finally {
            out.flush();
        }
    }

    @Override
    String topicName() {
        return topic;
    }

    private StartPosition position() {
        var chosen = start;
        if (chosen == null) {
            return StartPosition.LATEST;
        }
        if (chosen.offset != null) {
            return StartPosition.at(chosen.offset);
        }
        if (chosen.timestamp != null) {
            return StartPosition.atTimestamp(timestampMs(chosen.timestamp));
        }
        return chosen.fromBeginning ? StartPosition.EARLIEST : StartPosition.LATEST;
    }

    private static long timestampMs(String text) {
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new CommandFailure(
                    "--timestamp is neither milliseconds since the Unix epoch nor like"
                            + " 2026-01-31T12:00:00Z",
                    e);
        }
    }

    private List<Integer> partitions(WeirClient client) {
        var count = client.admin().describeTopic(topic).partitions().size();
        if (partition == null) {
            return IntStream.range(0, count).boxed().toList();
        }
        if (partition < 0 || partition >= count) {
            throw new CommandFailure(
                    "topic %s has no partition %d: use 0 to %d"
                            .formatted(topic, partition, count - 1));
        }
        return List.of(partition);
    }

    /// High watermarks of the partitions that have records from the start position to there.
    private Map<Integer, Long> unreachedEnds(
            Reader reader, List<Integer> partitions, StartPosition position) {
        var ends = new HashMap<Integer, Long>();
        for (var number : partitions) {
            var where = new TopicPartition(topic, number);
            var first =
                    position instanceof StartPosition.AtOffset(var offset)
                            ? offset
                            : reader.offsetOf(where, position);
            var end = reader.offsetOf(where, StartPosition.LATEST);
            if (first < end) {
                ends.put(number, end);
            }
        }
        return ends;
    }

    private static void flushQuietly(OutputStream out) {
        try {
            out.flush();
        } catch (IOException e) {
            // Whoever read it is gone.
        }
    }

    /// The loop from the reader to the output; `ends` shrinks as partitions reach them.
    private final class Copy {
        private final Reader reader;
        private final OutputStream out;
        private final LineFormat lineFormat;
        private final Map<Integer, Long> ends;
        private final Progress progress = new Progress(err());
        private long written;

        Copy(Reader reader, OutputStream out, LineFormat lineFormat, Map<Integer, Long> ends) {
            this.reader = reader;
            this.out = out;
            this.lineFormat = lineFormat;
            this.ends = ends;
        }

        void run() throws IOException {
            var following = ends.isEmpty();
            try {
                while (written < max && (following || !ends.isEmpty())) {
                    var records = reader.poll(Duration.ZERO);
                    if (records.isEmpty()) {
                        // Nothing is waiting: show what there is before waiting for more.
                        out.flush();
                        records = reader.poll(IDLE);
                    }
                    if (records.isEmpty()) {
                        dropReached();
                    }
                    for (var record : records) {
                        take(record, following);
                    }
                    if (!following) {
                        progress.update(() -> "consumed %,d records".formatted(written));
                    }
                }
            } finally {
                progress.done();
            }
        }

        private void take(FetchedRecord fetched, boolean following) throws IOException {
            var number = fetched.partition().partition();
            var end = ends.get(number);
            var isPastEnd = !following && (end == null || fetched.offset() >= end);
            if (written < max && !isPastEnd) {
                if (wantsJson()) {
                    out.write(RecordJson.line(number, fetched.record()));
                } else {
                    lineFormat.write(out, number, fetched.record());
                }
                written++;
            }
            if (end != null && fetched.offset() + 1 >= end) {
                ends.remove(number);
                reader.unassign(fetched.partition());
            }
        }

        /// A partition may end in batches that hold no record for consumers.
        private void dropReached() {
            ends.entrySet()
                    .removeIf(
                            end ->
                                    reader.position(new TopicPartition(topic, end.getKey()))
                                                    .orElse(0)
                                            >= end.getValue());
        }
    }
}
