// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `weir bench`: measures a cluster that runs.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a running cluster (failover: one of its own). The last line on standard"
                    + " output is JSON:",
            "  {\"recordsPerSecond\":..,\"megabytesPerSecond\":..,\"latencyMs\":LATENCY,",
            "   \"clientCpuSecondsPerGb\":..,\"totalCpuSecondsPerGb\":..}",
            "  LATENCY is {\"p50\":..,\"p99\":..,\"p999\":..,\"max\":..}",
            "MB and GB are 10^6 and 10^9 bytes of record values; client CPU counts from the start"
                    + " of the process."
        },
        subcommands = {
            BenchProduce.class,
            BenchConsume.class,
            BenchLatency.class,
            BenchFailover.class
        })
final class BenchCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }
}
