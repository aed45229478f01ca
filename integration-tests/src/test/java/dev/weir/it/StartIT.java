// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

class StartIT {

    @TempDir Path directory;

    private final int port = freePort();
    private final int quorumPort = freePort();
    private final int internalPort = freePort();

    @Test
    void devSaysWhatScriptsRelyOnAndStopsCleanlyWithItsData() throws Exception {
        try (var node = DevNode.start(directory)) {
            var ready = node.ready();
            assertThat(ready.get("ready").getAsBoolean()).isTrue();
            assertThat(ready.getAsJsonArray("nodes")).hasSize(1);
            assertThat(node.config()).isRegularFile();
            assertThat(node.dataDir()).isDirectory();
            assertThat(ProcessHandle.of(node.nodePid())).isPresent();
            node.run("topic", "create", "kept", "--partitions", "1").assertSucceeded();
            node.runWithInput("one\n".getBytes(), "produce", "kept").assertSucceeded();

            assertThat(node.stop()).isZero();
            assertThat(ProcessHandle.of(node.nodePid())).isEmpty();
        }
        try (var node = DevNode.start(directory)) {
            var consumed =
                    node.run("consume", "kept", "--from-beginning", "--until-end")
                            .assertSucceeded();
            assertThat(consumed.outText()).isEqualTo("one\n");
        }
    }

    @Test
    void devReportsADeadNodeAndDoesNotRestartIt() throws Exception {
        try (var node = DevNode.start(directory)) {
            node.killNode();

            assertThat(node.stop()).isZero();
            assertThat(node.devErr()).contains("ended", "weir server --config " + node.config());
        }
    }

    @Test
    void aSecondProcessOnTheDirectoryIsRefused() {
        try (var node = DevNode.start(directory)) {
            var line =
                    Cli.run("server", "--config", node.config().toString())
                            .assertFailedWithOneLine();

            assertThat(line).contains("in use by another process", "data.dir");
        }
    }

    @Test
    void aDirectoryOfAnotherClusterIsRefused() throws Exception {
        var config = formattedConfig();
        var id = UUID.randomUUID();
        replace(config, "cluster.id=.*", "cluster.id=" + id);

        var line = Cli.run("server", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains("cluster", id.toString(), "correct cluster.id");
    }

    @Test
    void aWipedDirectoryIsRefused() throws Exception {
        var config = formattedConfig();
        wipe(config.resolveSibling("data"));

        var line = Cli.run("server", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains("weir format");
    }

    @Test
    void aFormattedDirectoryIsNotFormattedAgain() throws Exception {
        var config = formattedConfig();

        var line = Cli.run("format", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains("formatted already", "weir server").doesNotContain("unexpected");
    }

    @Test
    void anUnknownKeyIsRefusedWithFileLineAndTheNearestKey() throws Exception {
        var config = formattedConfig();
        Files.writeString(config, Files.readString(config) + "listen.adress=127.0.0.1:1\n");

        var line = Cli.run("server", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains(config + ":", "'listen.adress'", "did you mean listen.address");
    }

    @Test
    void aMissingKeyIsRefusedWithTheLineToAdd() throws Exception {
        var config = formattedConfig();
        replace(config, "node.id=.*", "");

        var line = Cli.run("server", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains(config.toString(), "node.id is missing", "node.id=");
    }

    @Test
    void aListenerOffLoopbackIsRefused() throws Exception {
        var config = formattedConfig();
        replace(config, "listen.address=127.0.0.1:", "listen.address=0.0.0.0:");

        var line = Cli.run("server", "--config", config.toString()).assertFailedWithOneLine();

        assertThat(line).contains("insecure.listeners=true");
    }

    @Test
    void aListenerOffLoopbackThatIsAllowedIsWarnedOfOnce() throws Exception {
        var config = formattedConfig();
        replace(config, "listen.address=127.0.0.1:" + port, "listen.address=0.0.0.0:" + port);
        Files.writeString(
                config,
                Files.readString(config)
                        + "insecure.listeners=true\nadvertised.address=127.0.0.1:%d\n"
                                .formatted(port));
        var server = Cli.start("server", "--config", config.toString());
        var err = Cli.read(server.getErrorStream());
        try (var out = new BufferedReader(server.inputReader(UTF_8))) {
            assertThat(out.readLine()).contains("\"ready\":true");
            // Not Process.destroy, which closes the streams as well.
            server.toHandle().destroy();
            assertThat(server.waitFor(Cli.TIMEOUT)).isTrue();
        } finally {
            server.toHandle().destroyForcibly();
        }

        var log = new String(err.join(), UTF_8);
        assertThat(server.exitValue()).isZero();
        assertThat(log.lines().filter(line -> line.contains(" WARN ")))
                .singleElement()
                .asString()
                .contains("listen.address=0.0.0.0:%d is not on loopback".formatted(port));
    }

    @Test
    void noNodeAtTheAddressIsOneLineThatSaysWhatToStart() {
        var line = Cli.run("topic", "list", "--bootstrap", "127.0.0.1:1").assertFailedWithOneLine();

        assertThat(line).contains("127.0.0.1:1", "weir dev");
    }

    @Test
    void aMistypedOptionIsOneLineWithTheNearestOne() {
        var result = Cli.run("topic", "create", "t", "--partition", "3");

        assertThat(result.assertFailedWithOneLine()).contains("--partitions", "--help");
        assertThat(result.exitCode()).isEqualTo(2);
    }

    private Path formattedConfig() throws IOException {
        var config = directory.resolve("weir.properties");
        Files.writeString(
                config,
                """
                cluster.id=%s
                node.id=1
                data.dir=data
                listen.address=127.0.0.1:%d
                internal.listen.address=127.0.0.1:%d
                quorum.listen.address=127.0.0.1:%d
                quorum.voters=1@127.0.0.1:%d
                """
                        .formatted(UUID.randomUUID(), port, internalPort, quorumPort, quorumPort));
        Cli.run("format", "--config", config.toString()).assertSucceeded();
        return config;
    }

    /// Below the range that the system gives to outgoing connections, which could take the port
    /// before the node does.
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException _) {
                // Taken: try another one.
            }
        }
    }

    private static void replace(Path file, String regex, String replacement) throws IOException {
        var text = Files.readString(file);
        Files.writeString(file, text.replaceAll(regex, replacement));
        assertThat(Files.readString(file)).isNotEqualTo(text);
    }

    private static void wipe(Path data) throws IOException {
        try (var paths = Files.walk(data)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
