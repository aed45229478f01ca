// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.FailoverPlan.Victim;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `weir bench failover`: how long a producer gets no acknowledgement when a node fails, and
/// whether everything that was acknowledged is there afterwards.
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        description = {
            "Measures how long a producer gets no acknowledgement when a node fails, and compares"
                    + " what was acknowledged with what is there afterwards.",
            "Runs three nodes of its own in a temporary directory. A producer sends 200 records a"
                    + " second of 1 KiB, acks=all, to a partition that the victim leads (follower:"
                    + " that it only follows in). Blind time: from the failure to the end of the"
                    + " longest gap between acknowledgements. After each run the victim comes back,"
                    + " and the next one begins when every in-sync set is full.",
            "The last line on standard output is JSON:",
            "  {\"runs\":N,\"blindMs\":{\"median\":..,\"max\":..},\"lost\":0,\"duplicates\":0,"
                    + "\"disorder\":0,..}",
            "Exit code 0 means: nothing lost, nothing twice, everything in order."
        },
        footer = {
            "",
            "Examples:",
            "  weir bench failover --runs 10",
            "  weir bench failover --runs 10 --victim leader+controller --verbose",
            "  weir bench failover --runs 3 --partitions 3000      each node leads 1,000"
        })
final class BenchFailover implements Callable<Integer> {

    private static final int NODES = 3;
    private static final int RUNS_MAX = 10_000;
    private static final int PARTITIONS_MAX = 10_000;
    private static final Duration START = Duration.ofSeconds(90);
    private static final double NS_PER_MS = 1e6;

    /// Reads a victim's word.
    static final class VictimWord implements ITypeConverter<Victim> {
        @Override
        public Victim convert(String word) {
            for (var victim : Victim.values()) {
                if (victim.toString().equals(word)) {
                    return victim;
                }
            }
            throw new TypeConversionException(
                    "use one of "
                            + Arrays.stream(Victim.values())
                                    .map(Victim::toString)
                                    .collect(Collectors.joining(", ")));
        }
    }

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--victim",
            paramLabel = "WHO",
            defaultValue = "leader",
            converter = VictimWord.class,
            description = {
                "leader: kill -9 of a leader that is not the active controller;",
                "leader+controller: of one that is;",
                "follower: of a node that only follows in the partition;",
                "stop: SIGSTOP of a leader; planned: SIGTERM of a leader.",
                "Default: ${DEFAULT-VALUE}."
            })
    private Victim victim = Victim.LEADER;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "3",
            description = "Of the topic; one of them is written to. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(
            names = "--durability",
            paramLabel = "fsync|replicated",
            defaultValue = "fsync",
            description = "Of the topic. Default: ${DEFAULT-VALUE}.")
    private String durability = "fsync";

    @Option(names = "--verbose", description = "Adds every run's figures to the JSON line.")
    private boolean isVerbose;

    @Option(names = "--bootstrap", hidden = true)
    private @Nullable String bootstrap;

    @SuppressWarnings("UnusedVariable") // every command takes it
    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "json",
            hidden = true,
            description = "The last line is JSON in both.")
    private ClientCommand.Output output = ClientCommand.Output.JSON;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        var directory = Files.createTempDirectory("weir-failover-");
        var cluster = new LocalCluster(DevDirectory.prepare(directory, NODES, NODES, 0), List.of());
        var cleanup =
                new Thread(
                        () -> {
                            cluster.killAll();
                            DevDirectory.delete(directory);
                        },
                        "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanup);
        say("starting %d nodes in %s", NODES, directory);
        cluster.start(START);
        var results = new ArrayList<FailoverRun.Result>();
        try (var client = WeirClient.connect(cluster.bootstrap())) {
            var run = new FailoverRun(cluster, client, victim, partitions, durability);
            for (var i = 1; i <= runs; i++) {
                var result = run.once();
                results.add(result);
                say("run %d of %d: %s", i, runs, describe(result));
            }
        }
        return report(results);
    }

    private void checkOptions() {
        if (bootstrap != null) {
            throw new CommandFailure(
                    "--bootstrap: this benchmark kills nodes, so it runs three of its own: leave"
                            + " the option out");
        }
        if (runs < 1 || runs > RUNS_MAX) {
            throw new CommandFailure("--runs " + runs + ": use 1 to " + RUNS_MAX);
        }
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new CommandFailure("--partitions " + partitions + ": use 1 to " + PARTITIONS_MAX);
        }
        if (!durability.equals("fsync") && !durability.equals("replicated")) {
            throw new CommandFailure(
                    "--durability " + durability + ": use one of fsync, replicated");
        }
    }

    private String describe(FailoverRun.Result result) {
        return "node %d %s, blind %.0f ms; %,d records acknowledged, lost %d, duplicates %d,"
                        .formatted(
                                result.node(),
                                switch (victim) {
                                    case LEADER, LEADER_AND_CONTROLLER, FOLLOWER ->
                                            "killed (kill -9)";
                                    case STOP -> "stopped (SIGSTOP)";
                                    case PLANNED -> "shut down (SIGTERM)";
                                },
                                result.blindNs() / NS_PER_MS,
                                result.acknowledged(),
                                result.lost(),
                                result.duplicates())
                + " disorder %d; all in sync again after %.1f s"
                        .formatted(result.disorder(), result.healNs() / 1e9);
    }

    private int report(List<FailoverRun.Result> results) {
        var lost = results.stream().mapToInt(FailoverRun.Result::lost).sum();
        var duplicates = results.stream().mapToInt(FailoverRun.Result::duplicates).sum();
        var disorder = results.stream().mapToInt(FailoverRun.Result::disorder).sum();
        var blind = results.stream().mapToLong(FailoverRun.Result::blindNs).sorted().toArray();
        var line =
                Json.object()
                        .put("runs", results.size())
                        .put(
                                "blindMs",
                                Json.object()
                                        .put("median", median(blind) / NS_PER_MS)
                                        .put("max", blind[blind.length - 1] / NS_PER_MS))
                        .put("lost", lost)
                        .put("duplicates", duplicates)
                        .put("disorder", disorder)
                        .put("victim", victim.toString())
                        .put("partitions", partitions)
                        .put("durability", durability);
        if (isVerbose) {
            line.put("perRun", results.stream().map(BenchFailover::toJson).toList());
        }
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
        return lost + duplicates + disorder == 0 ? 0 : 1;
    }

    private static Json toJson(FailoverRun.Result result) {
        return Json.object()
                .put("node", result.node())
                .put("leaderAfter", result.leaderAfter())
                .put("blindMs", result.blindNs() / NS_PER_MS)
                .put("acknowledged", result.acknowledged())
                .put("stored", result.stored())
                .put("lost", result.lost())
                .put("duplicates", result.duplicates())
                .put("disorder", result.disorder())
                .put("healMs", result.healNs() / NS_PER_MS);
    }

    /// The mean of the two middle ones when there is no one in the middle.
    static double median(long[] sorted) {
        var middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : (sorted[middle - 1] + sorted[middle]) / 2.0;
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getErr().printf(format + "%n", arguments);
        spec.commandLine().getErr().flush();
    }
}
