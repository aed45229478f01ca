// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

class DevClusterIT {

    private static final int END_SECONDS = 60;

    @TempDir Path directory;

    @Test
    void devRunsThreeNodesReportsOneThatDiesAndKeepsTheData() throws Exception {
        // Given a cluster with a topic of three replicas
        var dev = start();
        var err = Cli.read(dev.getErrorStream());
        JsonObject ready;
        try {
            ready = readyLine(dev);
            assertThat(ready.getAsJsonArray("nodes")).hasSize(3);
            var bootstrap = ready.get("bootstrap").getAsString();
            Cli.run("topic", "create", "kept", "--partitions", "1", "--bootstrap", bootstrap)
                    .assertSucceeded();
            Cli.runWithInput(
                            "one\ntwo\n".getBytes(UTF_8),
                            "produce",
                            "kept",
                            "--bootstrap",
                            bootstrap)
                    .assertSucceeded();
            assertThat(replicas(bootstrap)).isEqualTo(3);

            // When a node dies
            var victim = node(ready, 2);
            var process = ProcessHandle.of(victim.get("pid").getAsLong()).orElseThrow();
            process.destroyForcibly();
            process.onExit().get(END_SECONDS, TimeUnit.SECONDS);

            // Then the others serve, and dev says how to start it
            assertThat(consume(bootstrap)).isEqualTo("one\ntwo\n");
            assertThat(stop(dev)).isZero();
            assertThat(new String(err.join(), UTF_8))
                    .contains(
                            "node 3",
                            "ended with code",
                            "weir server --config " + victim.get("config").getAsString());
        } finally {
            dev.toHandle().destroyForcibly();
        }

        // And the directory starts again with its ports and its data
        var again = start();
        var errAgain = Cli.read(again.getErrorStream());
        try {
            var readyAgain = readyLine(again);
            assertThat(node(readyAgain, 2).get("address")).isEqualTo(node(ready, 2).get("address"));
            assertThat(consume(readyAgain.get("bootstrap").getAsString())).isEqualTo("one\ntwo\n");
            assertThat(stop(again)).as(() -> new String(errAgain.join(), UTF_8)).isZero();
        } finally {
            again.toHandle().destroyForcibly();
        }
    }

    private Process start() {
        return Cli.start("dev", "--dir", directory.toString(), "--base-port", "0");
    }

    private static JsonObject readyLine(Process dev) throws IOException {
        var line = new BufferedReader(dev.inputReader(UTF_8)).readLine();
        assertThat(line).isNotNull();
        return JsonParser.parseString(line).getAsJsonObject();
    }

    private static JsonObject node(JsonObject ready, int index) {
        return ready.getAsJsonArray("nodes").get(index).getAsJsonObject();
    }

    private static String consume(String bootstrap) {
        return Cli.run(
                        "consume",
                        "kept",
                        "--from-beginning",
                        "--until-end",
                        "--bootstrap",
                        bootstrap)
                .assertSucceeded()
                .outText();
    }

    private static long replicas(String bootstrap) {
        var topic =
                Cli.run("topic", "describe", "kept", "--output", "json", "--bootstrap", bootstrap)
                        .assertSucceeded()
                        .lastLineAsJson();
        var partition = topic.getAsJsonArray("partitions").get(0).getAsJsonObject();
        return StreamSupport.stream(partition.getAsJsonArray("replicas").spliterator(), false)
                .distinct()
                .count();
    }

    private static int stop(Process dev) throws InterruptedException {
        // Not Process.destroy, which closes the streams as well.
        dev.toHandle().destroy();
        assertThat(dev.waitFor(END_SECONDS, TimeUnit.SECONDS)).as("dev stops").isTrue();
        return dev.exitValue();
    }
}
