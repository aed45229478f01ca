// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// What the benchmarks share: what to send, what it cost, how it is reported.
abstract class BenchClient extends ClientCommand {

    /// Random bytes that all values are cut from, so that a value costs no CPU and no codec shrinks
    /// it.
    private static final int POOL_BYTES = 1 << 22;

    private static final int VALUES = 64;
    private static final double BYTES_PER_GB = 1e9;
    private static final double BYTES_PER_MB = 1e6;

    @Option(names = "--topic", required = true, paramLabel = "T", description = "Must exist.")
    private String topic = "";

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(
            names = "--record-size",
            paramLabel = "BYTES",
            defaultValue = "1024",
            description = "Of a record's value. Default: ${DEFAULT-VALUE}.")
    private int recordSize;

    @Option(
            names = "--pids",
            split = ",",
            paramLabel = "PID",
            description =
                    "The nodes' processes, here: their CPU over the run is added to the total.")
    private List<Long> pids = List.of();

    /// What a benchmark measured.
    ///
    /// @param records how many
    /// @param bytes of their values
    /// @param seconds it took
    /// @param latency what was timed
    record Measured(long records, long bytes, double seconds, LatencyHistogram latency) {}

    /// Runs the benchmark proper.
    abstract Measured measure(WeirClient client, int partitions) throws Exception;

    @Override
    final String topicName() {
        return topic;
    }

    @Override
    final void run(WeirClient client) throws Exception {
        if (records < 1 || recordSize < 1) {
            throw new CommandFailure("--records and --record-size must be 1 or more");
        }
        var partitions = client.admin().describeTopic(topic).partitions().size();
        var nodesBefore = pids.isEmpty() ? 0 : ProcessCpu.seconds(pids);
        var measured = measure(client, partitions);
        var gigabytes = measured.bytes() / BYTES_PER_GB;
        var clientCpu = ProcessCpu.ownSeconds() / gigabytes;
        Double totalCpu =
                pids.isEmpty()
                        ? null
                        : clientCpu + (ProcessCpu.seconds(pids) - nodesBefore) / gigabytes;
        report(measured, clientCpu, totalCpu);
    }

    private void report(Measured measured, double clientCpu, @Nullable Double totalCpu) {
        var recordsPerSecond = measured.records() / measured.seconds();
        var megabytesPerSecond = measured.bytes() / BYTES_PER_MB / measured.seconds();
        var latency = measured.latency();
        err().printf(
                        "%,d records in %.2f s: %,.0f records/s, %.1f MB/s; latency ms p50 %.2f,"
                            + " p99 %.2f, p99.9 %.2f, max %.2f; CPU s/GB client %.2f, total %s%n",
                        measured.records(),
                        measured.seconds(),
                        recordsPerSecond,
                        megabytesPerSecond,
                        latency.percentileMs(0.50),
                        latency.percentileMs(0.99),
                        latency.percentileMs(0.999),
                        latency.maxMs(),
                        clientCpu,
                        totalCpu == null ? "not asked (--pids)" : "%.2f".formatted(totalCpu));
        out().println(
                        Json.object()
                                .put("recordsPerSecond", recordsPerSecond)
                                .put("megabytesPerSecond", megabytesPerSecond)
                                .put("latencyMs", latency.toJson())
                                .put("clientCpuSecondsPerGb", clientCpu)
                                .put("totalCpuSecondsPerGb", totalCpu));
    }

    final long records() {
        return records;
    }

    final int recordSize() {
        return recordSize;
    }

    /// Values to send in turn; the producer copies them.
    final byte[][] values() {
        var pool = new byte[Math.max(POOL_BYTES, recordSize)];
        new Random(1).nextBytes(pool);
        var values = new byte[VALUES][];
        for (var i = 0; i < VALUES; i++) {
            var from = (int) ((long) (pool.length - recordSize) * i / VALUES);
            values[i] = Arrays.copyOfRange(pool, from, from + recordSize);
        }
        return values;
    }
}
