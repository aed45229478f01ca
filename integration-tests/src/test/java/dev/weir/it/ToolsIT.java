// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ToolsIT {

    @TempDir Path directory;

    @Test
    void benchmarksPrintWhatScriptsRelyOn() {
        try (var node = DevNode.start(directory)) {
            node.run("topic", "create", "bench", "--partitions", "6").assertSucceeded();
            var pid = String.valueOf(node.nodePid());

            for (var bench :
                    new String[][] {
                        {"produce", "--records", "20000", "--record-size", "100", "--pids", pid},
                        {"consume", "--records", "20000", "--pids", pid},
                        {"latency", "--records", "500", "--rate", "500", "--record-size", "100"}
                    }) {
                var arguments = new String[bench.length + 3];
                arguments[0] = "bench";
                System.arraycopy(bench, 0, arguments, 1, bench.length);
                arguments[bench.length + 1] = "--topic";
                arguments[bench.length + 2] = "bench";
                var json = node.run(arguments).assertSucceeded().lastLineAsJson();

                assertThat(json.get("recordsPerSecond").getAsDouble()).isPositive();
                assertThat(json.get("megabytesPerSecond").getAsDouble()).isPositive();
                assertThat(json.get("clientCpuSecondsPerGb").getAsDouble()).isPositive();
                var latency = json.getAsJsonObject("latencyMs");
                assertThat(latency.keySet()).containsExactly("p50", "p99", "p999", "max");
                assertThat(latency.get("max").getAsDouble())
                        .isGreaterThanOrEqualTo(latency.get("p50").getAsDouble());
                assertThat(json.get("totalCpuSecondsPerGb").isJsonNull())
                        .isEqualTo(bench[0].equals("latency"));
            }
        }
    }

    @Test
    void aFailoverIsMeasuredAndLosesNothing() {
        var json =
                Cli.run("bench", "failover", "--runs", "1", "--victim", "leader", "--verbose")
                        .assertSucceeded()
                        .lastLineAsJson();

        assertThat(json.get("runs").getAsInt()).isEqualTo(1);
        assertThat(json.getAsJsonObject("blindMs").get("max").getAsDouble()).isPositive();
        for (var count : new String[] {"lost", "duplicates", "disorder"}) {
            assertThat(json.get(count).getAsInt()).as(count).isZero();
        }
        assertThat(json.getAsJsonArray("perRun")).hasSize(1);
    }

    @Test
    void theFilesOfAStoppedNodeAreShownAndVerified() throws Exception {
        try (var node = DevNode.start(directory)) {
            node.run("topic", "create", "t", "--partitions", "1").assertSucceeded();
            node.runWithInput("a\nb\nc\n".getBytes(), "produce", "t").assertSucceeded();
            assertThat(node.stop()).isZero();
        }
        var data = directory.toString();

        var dump = Cli.run("log", "dump", data, "--output", "json").assertSucceeded();
        var verified = Cli.run("log", "verify", data, "--output", "json").assertSucceeded();

        assertThat(dump.lastLineAsJson().get("lastOffset").getAsLong()).isEqualTo(2);
        assertThat(verified.lastLineAsJson().get("records").getAsLong()).isEqualTo(3);

        flipABit(segment());
        var broken = Cli.run("log", "verify", data, "--output", "json");
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.lastLineAsJson().getAsJsonArray("problems")).hasSize(1);
    }

    private Path segment() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{20}\\.log"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flipABit(Path segment) throws IOException {
        var bytes = Files.readAllBytes(segment);
        bytes[65] ^= 1;
        Files.write(segment, bytes);
    }
}
