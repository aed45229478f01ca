// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.log.LogException;
import dev.weir.log.disk.RealDisk;
import dev.weir.log.inspection.InspectedBatch;
import dev.weir.log.inspection.InspectionVisitor;
import dev.weir.log.inspection.LogInspection;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordFormatException;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/// `weir log`: looks into the files of a node that is stopped.
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description =
                "Looks into segment files. The node must be stopped: of a log that is being written"
                        + " it may report a torn end.",
        subcommands = {LogCommand.Dump.class, LogCommand.Verify.class})
final class LogCommand implements Callable<Integer> {

    /// The operator's own data, however well it compresses.
    private static final RecordLimits LIMITS =
            new RecordLimits(RecordLimits.DEFAULT.maxDecompressedBytes(), Integer.MAX_VALUE);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// What both commands read.
    abstract static class Offline implements Callable<Integer>, InspectionVisitor {
        @Parameters(
                paramLabel = "DIR|SEGMENT",
                description = "A segment file, or a directory: every segment below it.")
        private Path path = Path.of("");

        @Option(
                names = "--output",
                paramLabel = "text|json",
                defaultValue = "text",
                description = "Form of the answer. Default: ${DEFAULT-VALUE}.")
        private ClientCommand.Output output = ClientCommand.Output.TEXT;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        /// All was read.
        ///
        /// @return the exit code
        abstract int finish(LogInspection.Summary summary);

        @Override
        public final Integer call() {
            var code = finish(inspect());
            spec.commandLine().getOut().flush();
            return code;
        }

        private LogInspection.Summary inspect() {
            try {
                var summary = LogInspection.inspect(new RealDisk(), path, this);
                if (summary.segments() == 0) {
                    throw new CommandFailure(
                            "there is no segment below " + path + ": name another directory");
                }
                return summary;
            } catch (LogException.MissingFileException e) {
                throw new CommandFailure(
                        e.path().equals(path)
                                ? path + " is neither a file nor a directory: name one"
                                : e.path() + " went away: stop the node first",
                        e);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        path + " is not a segment: name a file like 00000000000000000000.log", e);
            }
        }

        final boolean wantsJson() {
            return output == ClientCommand.Output.JSON;
        }

        final void println(Object line) {
            spec.commandLine().getOut().println(line);
        }

        static String at(long position, String text) {
            return "at byte " + position + ": " + text;
        }
    }

    /// `weir log dump`.
    @Command(
            name = "dump",
            mixinStandardHelpOptions = true,
            description = {
                "Shows every batch that belongs to a log: offsets, epoch, producer, codec, CRC.",
                "Shows what is wrong as well; 'weir log verify' has the exit code for it."
            },
            footer = {
                "",
                "Examples:",
                "  weir log dump weir-data/node-1/data --output json",
                "  weir log dump weir-data/node-1/data --records"
            })
    static final class Dump extends Offline {

        @Option(names = "--records", description = "Each batch's records as well, as JSON lines.")
        private boolean records;

        @Override
        public void segment(Path file, long baseOffset, String state) {
            if (!wantsJson()) {
                println(file + " (" + state + ")");
            }
        }

        @Override
        public void batch(InspectedBatch header, RecordBatch batch) {
            println(wantsJson() ? json(header, batch) : text(header, batch));
            if (records && !batch.isControl()) {
                records(header, batch);
            }
        }

        private void records(InspectedBatch header, RecordBatch batch) {
            try {
                var reader = RecordReader.open(batch, LIMITS);
                while (reader.hasNext()) {
                    var json = RecordJson.of(reader.next());
                    println(wantsJson() ? json : "    " + json);
                }
            } catch (RecordFormatException e) {
                problem(header.file(), header.position(), "records: " + e.getMessage());
            }
        }

        @Override
        public void note(Path file, long position, String text) {
            if (!wantsJson()) {
                println("  " + at(position, text));
            }
        }

        @Override
        public void problem(Path file, long position, String text) {
            var line = at(position, text);
            println(
                    wantsJson()
                            ? Json.object().put("segment", file.toString()).put("problem", line)
                            : "  PROBLEM " + line);
        }

        @Override
        int finish(LogInspection.Summary summary) {
            return 0;
        }

        private static Json json(InspectedBatch header, RecordBatch batch) {
            return Json.object()
                    .put("segment", header.file().toString())
                    .put("position", header.position())
                    .put("baseOffset", header.baseOffset())
                    .put("lastOffset", header.lastOffset())
                    .put("records", header.recordCount())
                    .put("sizeBytes", header.sizeBytes())
                    .put("leaderEpoch", header.leaderEpoch())
                    .put("compression", codec(batch))
                    .put("producerId", header.producerId())
                    .put("producerEpoch", (int) header.producerEpoch())
                    .put("baseSequence", header.baseSequence())
                    .put("maxTimestampMs", header.maxTimestampMs())
                    .put("control", batch.isControl())
                    .put("crc", "%08x".formatted(header.crc()));
        }

        private static String text(InspectedBatch header, RecordBatch batch) {
            return String.format(
                    Locale.ROOT,
                    "  offsets %d to %d: %d record(s), %d bytes, epoch %d, %s, producer %d/%d"
                            + " sequence %d, crc %08x%s",
                    header.baseOffset(),
                    header.lastOffset(),
                    header.recordCount(),
                    header.sizeBytes(),
                    header.leaderEpoch(),
                    codec(batch),
                    header.producerId(),
                    header.producerEpoch(),
                    header.baseSequence(),
                    header.crc(),
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
                "Checks every batch (CRC, counts, offsets that go on where the one before ended,"
                        + " epochs that never fall), and that each segment is as its sidecar says.",
                "Exit code 1 when something is wrong."
            },
            footer = {"", "Examples:", "  weir log verify weir-data/node-1/data"})
    static final class Verify extends Offline {

        /// A damaged disk has more to tell than anyone reads; the count goes on.
        private static final int SHOWN_MAX = 1_000;

        private final List<String> problems = new ArrayList<>();

        @Override
        public void problem(Path file, long position, String text) {
            if (problems.size() < SHOWN_MAX) {
                problems.add(file + ": " + at(position, text));
            }
        }

        @Override
        int finish(LogInspection.Summary summary) {
            if (wantsJson()) {
                println(
                        Json.object()
                                .put("segments", summary.segments())
                                .put("batches", summary.batches())
                                .put("records", summary.records())
                                .put("bytes", summary.bytes())
                                .put("problemCount", summary.problems())
                                .put("problems", problems));
            } else {
                problems.forEach(this::println);
                println(
                        "%d segment(s), %d batch(es), %d record(s), %d problem(s)"
                                .formatted(
                                        summary.segments(),
                                        summary.batches(),
                                        summary.records(),
                                        summary.problems()));
            }
            return summary.problems() == 0 ? 0 : 1;
        }
    }
}
