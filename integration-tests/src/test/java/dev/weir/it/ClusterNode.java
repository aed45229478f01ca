// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One node of a [Cluster], as an operator sees it: a configuration file, a process, signals.
///
/// **Threading:** one thread.
final class ClusterNode {

    private static final int START_SECONDS = 60;
    private static final int END_SECONDS = 40;

    private final int id;
    private final String host;
    private final int port;
    private final Path config;
    private final List<String> prefix;
    private @Nullable Process process;
    private CompletableFuture<String> ready = new CompletableFuture<>();

    /// @param prefix words that a command of this node begins with, to run it somewhere else
    ClusterNode(int id, String host, int port, Path config, List<String> prefix) {
        this.id = id;
        this.host = host;
        this.port = port;
        this.config = config;
        this.prefix = List.copyOf(prefix);
    }

    int id() {
        return id;
    }

    String host() {
        return host;
    }

    /// `HOST:PORT` for clients.
    String address() {
        return host + ":" + port;
    }

    Path config() {
        return config;
    }

    Path home() {
        return config.resolveSibling("");
    }

    Path dataDir() {
        return config.resolveSibling("data");
    }

    /// `weir format`; what it printed.
    JsonObject format(String... arguments) {
        var all = new ArrayList<>(List.of("format", "--config", config.toString()));
        all.addAll(List.of("--output", "json"));
        all.addAll(List.of(arguments));
        return Cli.run(all.toArray(String[]::new)).assertSucceeded().lastLineAsJson();
    }

    /// Starts the process. Does not wait.
    void start() {
        var command = new ArrayList<>(prefix);
        // Nodes do not outlive a test that was killed.
        var self = String.valueOf(ProcessHandle.current().pid());
        command.addAll(Cli.command("server", "--config", config.toString(), "--stop-with", self));
        try {
            var started =
                    new ProcessBuilder(command)
                            .redirectError(Redirect.appendTo(log().toFile()))
                            .start();
            process = started;
            ready = new CompletableFuture<>();
            readOutput(started, ready);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readOutput(Process started, CompletableFuture<String> first) {
        Thread.ofVirtual()
                .name("node-output")
                .start(
                        () -> {
                            try (var reader = new BufferedReader(started.inputReader(UTF_8))) {
                                for (var line = reader.readLine();
                                        line != null;
                                        line = reader.readLine()) {
                                    first.complete(line);
                                }
                            } catch (IOException e) {
                                first.completeExceptionally(e);
                            }
                            first.completeExceptionally(new IOException("it ended"));
                        });
    }

    /// Waits until the node says that it serves.
    void awaitReady() {
        try {
            var line = ready.get(START_SECONDS, TimeUnit.SECONDS);
            assertThat(JsonParser.parseString(line).getAsJsonObject().get("ready").getAsBoolean())
                    .isTrue();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("node " + id + " did not start: " + logTail(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Waits for a process that ends by itself.
    ///
    /// @return its exit code
    int awaitEnd() {
        try {
            assertThat(running().waitFor(START_SECONDS, TimeUnit.SECONDS))
                    .as("node %d ends by itself; it said: %s", id, logTail())
                    .isTrue();
            return running().exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return running().pid();
    }

    /// kill -9, and waits until it is gone.
    void kill() {
        signalKill();
        awaitGone();
    }

    /// kill -9; does not wait.
    void signalKill() {
        running().toHandle().destroyForcibly();
    }

    /// SIGTERM, and waits.
    ///
    /// @return the exit code
    int terminate() {
        signalTerminate();
        awaitGone();
        return running().exitValue();
    }

    /// SIGTERM; does not wait.
    void signalTerminate() {
        // Not Process.destroy, which closes the streams as well.
        running().toHandle().destroy();
    }

    /// Stops the process where it stands.
    void pause() {
        signal("STOP");
    }

    /// Lets it go on.
    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        Shell.run("kill", "-" + name, String.valueOf(pid()));
    }

    private void awaitGone() {
        try {
            assertThat(running().waitFor(END_SECONDS, TimeUnit.SECONDS))
                    .as("node %d ends; it said: %s", id, logTail())
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("node " + id + " was never started");
        }
        return process;
    }

    /// Removes all that the node stored, as a new disk would.
    void wipe() throws IOException {
        try (var paths = Files.walk(dataDir())) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// Where the node logs.
    Path log() {
        return config.resolveSibling("server.log");
    }

    /// What it logged.
    String logText() {
        try {
            return Files.exists(log()) ? Files.readString(log()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The end of it, for a message.
    String logTail() {
        var text = logText();
        return text.substring(Math.max(0, text.length() - 4_000));
    }
}
