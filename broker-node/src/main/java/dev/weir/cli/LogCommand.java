// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.record.RecordBatch;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// `weir log`: looks into the files of a node that is stopped.
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description =
                "Looks into segment files. The node must be stopped: a file that grows shows a torn"
                        + " end.",
        subcommands = {LogCommand.Dump.class, LogCommand.Verify.class})
final class LogCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// What both commands read.
    abstract static class Offline implements Callable<Integer> {
        @Parameters(
                paramLabel = "DIR|SEGMENT",
                description = "A segment file, or a directory: every segment below it.")
        private Path path = Path.of("");

        @Option(names = "--output", paramLabel = "text|json", defaultValue = "text")
        private ClientCommand.Output output = ClientCommand.Output.TEXT;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        /// A batch of the segment that is read.
        abstract void batch(Path segment, RecordBatch batch);

        /// The segment was read.
        abstract void end(SegmentFile.Scan scan);

        abstract int finish();

        @Override
        public final Integer call() throws IOException {
            var files = segments();
            for (var i = 0; i < files.size(); i++) {
                var file = files.get(i);
                var next = i + 1 < files.size() ? files.get(i + 1) : null;
                end(SegmentFile.scan(file, successor(file, next), batch -> batch(file, batch)));
            }
            var code = finish();
            spec.commandLine().getOut().flush();
            return code;
        }

        private static OptionalLong successor(Path file, @Nullable Path next) {
            return next != null && Objects.equals(file.getParent(), next.getParent())
                    ? OptionalLong.of(SegmentFile.baseOffset(next))
                    : OptionalLong.empty();
        }

        private List<Path> segments() throws IOException {
            if (!Files.isDirectory(path)) {
                if (!Files.isRegularFile(path)) {
                    throw new CommandFailure(path + " is neither a file nor a directory: name one");
                }
                return List.of(path);
            }
            try (var files = Files.walk(path)) {
                var found = files.filter(SegmentFile::isSegment).sorted().toList();
                if (found.isEmpty()) {
                    throw new CommandFailure(
                            "there is no segment below " + path + ": name another directory");
                }
                return found;
            }
        }

        final boolean wantsJson() {
            return output == ClientCommand.Output.JSON;
        }

        final void println(Object line) {
            spec.commandLine().getOut().println(line);
        }
    }

    /// `weir log dump`.
    @Command(
            name = "dump",
            mixinStandardHelpOptions = true,
            description = "Shows every batch of a segment: offsets, epoch, producer, codec, CRC.",
            footer = {"", "Examples:", "  weir log dump weir-data/node-1/data --output json"})
    static final class Dump extends Offline {
        private @Nullable Path shown;

        @Override
        void batch(Path segment, RecordBatch batch) {
            if (wantsJson()) {
                println(json(segment, batch));
                return;
            }
            if (!segment.equals(shown)) {
                println(segment);
                shown = segment;
            }
            println(text(batch));
        }

        @Override
        void end(SegmentFile.Scan scan) {
            if (!wantsJson()) {
                println("  " + scan.path().getFileName() + " " + scan.end());
                scan.problem().ifPresent(problem -> println("  " + problem));
            }
        }

        @Override
        int finish() {
            return 0;
        }

        private static Json json(Path segment, RecordBatch batch) {
            return Json.object()
                    .put("segment", segment.toString())
                    .put("baseOffset", batch.baseOffset())
                    .put("lastOffset", batch.lastOffset())
                    .put("records", batch.recordCount())
                    .put("sizeBytes", batch.sizeBytes())
                    .put("leaderEpoch", batch.leaderEpoch())
                    .put("compression", codec(batch))
                    .put("producerId", batch.producerId())
                    .put("producerEpoch", (int) batch.producerEpoch())
                    .put("baseSequence", batch.baseSequence())
                    .put("maxTimestampMs", batch.maxTimestampMs())
                    .put("control", batch.isControl());
        }

        private static String text(RecordBatch batch) {
            return String.format(
                    Locale.ROOT,
                    "  offsets %d to %d: %d record(s), %d bytes, epoch %d, %s, producer %d/%d"
                            + " sequence %d%s",
                    batch.baseOffset(),
                    batch.lastOffset(),
                    batch.recordCount(),
                    batch.sizeBytes(),
                    batch.leaderEpoch(),
                    codec(batch),
                    batch.producerId(),
                    batch.producerEpoch(),
                    batch.baseSequence(),
                    batch.isControl() ? ", control" : "");
        }

        private static String codec(RecordBatch batch) {
            return batch.compression().name().toLowerCase(Locale.ROOT);
        }
    }

    /// `weir log verify`.
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Checks every batch: CRC, counts, offsets that go on where the one before ended,"
                        + " epochs that never fall.",
                "Exit code 1 when something is wrong."
            },
            footer = {"", "Examples:", "  weir log verify weir-data/node-1/data"})
    static final class Verify extends Offline {
        private final List<String> problems = new ArrayList<>();
        private long segments;
        private long batches;
        private long records;

        @Override
        void batch(Path segment, RecordBatch batch) {
            // The scan counts.
        }

        @Override
        void end(SegmentFile.Scan scan) {
            segments++;
            batches += scan.batches();
            records += scan.records();
            scan.problem().ifPresent(problem -> problems.add(scan.path() + ": " + problem));
        }

        @Override
        int finish() {
            if (wantsJson()) {
                println(
                        Json.object()
                                .put("segments", segments)
                                .put("batches", batches)
                                .put("records", records)
                                .put("problems", problems));
            } else {
                problems.forEach(this::println);
                println(
                        "%d segment(s), %d batch(es), %d record(s), %d problem(s)"
                                .formatted(segments, batches, records, problems.size()));
            }
            return problems.isEmpty() ? 0 : 1;
        }
    }
}
