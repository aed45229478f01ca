// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.broker.logging.Escape;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A node in a process of its own: `weir server` on this program's own class path, as an operator
/// would run it.
///
/// Its standard error goes to `server.log` beside its configuration file.
final class NodeProcess {

    /// What run.sh gives a node; a test compares them.
    static final List<String> JVM_OPTIONS =
            List.of(
                    "-XX:+UseParallelGC",
                    // Below it a full collection runs whenever classes are loaded, at a start and
                    // at the first failover, when time matters most.
                    "-XX:MetaspaceSize=128m",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:+UseCompactObjectHeaders",
                    "-Xshare:auto",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private static final Duration STOP = Duration.ofSeconds(20);
    private static final int LOG_TAIL_BYTES = 16 * 1024;

    private final Path config;
    private final Path log;
    private final Process process;
    private final CompletableFuture<String> firstLine;

    private NodeProcess(
            Path config, Path log, Process process, CompletableFuture<String> firstLine) {
        this.config = config;
        this.log = log;
        this.process = process;
        this.firstLine = firstLine;
    }

    /// Starts a node. It ends by itself when this process does.
    ///
    /// @param config its configuration file
    /// @param moreOptions of its JVM; its heap's size is one of them
    static NodeProcess start(Path config, List<String> moreOptions) {
        var log = config.resolveSibling("server.log");
        var builder =
                new ProcessBuilder(command(config, moreOptions))
                        .redirectError(Redirect.appendTo(log.toFile()));
        try {
            var process = builder.start();
            process.getOutputStream().close();
            return new NodeProcess(config, log, process, readFirstLine(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(Path config, List<String> moreOptions) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(moreOptions);
        var options = System.getenv("WEIR_JVM_OPTS");
        if (options != null && !options.isBlank()) {
            command.addAll(List.of(options.strip().split("\\s+", -1)));
        }
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Weir.class.getName(),
                        "server"));
        command.addAll(List.of("--config", config.toString()));
        command.addAll(List.of("--stop-with", String.valueOf(ProcessHandle.current().pid())));
        return command;
    }

    /// The line that a node prints when it serves. The rest of its output is read and dropped.
    private static CompletableFuture<String> readFirstLine(Process process) {
        var line = new CompletableFuture<String>();
        Thread.ofVirtual()
                .name("node-output")
                .start(
                        () -> {
                            try (var reader = new BufferedReader(process.inputReader(UTF_8))) {
                                var first = reader.readLine();
                                if (first != null) {
                                    line.complete(first);
                                }
                                while (reader.readLine() != null) {
                                    // A full pipe would stop the node.
                                }
                            } catch (IOException e) {
                                line.completeExceptionally(e);
                            }
                            line.completeExceptionally(new IOException("it ended"));
                        });
        return line;
    }

    /// Waits until the node serves.
    ///
    /// @throws CommandFailure when it ended or took too long, with the last line that it logged
    void awaitReady(Duration timeout) {
        try {
            firstLine.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new CommandFailure(
                    "the node of " + config + " did not start: " + lastLogLine(), e);
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    "the node of "
                            + config
                            + " did not start in "
                            + timeout.toSeconds()
                            + " s: see "
                            + log,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    long pid() {
        return process.pid();
    }

    Path config() {
        return config;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Completes with the exit code when the process ends.
    CompletableFuture<Integer> onExit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /// kill -9, and waits until it is gone.
    void kill() {
        signalKill();
        awaitEnd(STOP);
    }

    /// SIGTERM, then kill -9 if that takes more than 20 s.
    void stop() {
        signalStop();
        if (!awaitEnd(STOP)) {
            kill();
        }
    }

    /// kill -9; does not wait.
    void signalKill() {
        process.destroyForcibly();
    }

    /// SIGTERM; does not wait.
    void signalStop() {
        process.destroy();
    }

    /// Stops the process where it stands, as a machine does that hangs.
    void pause() {
        signal("STOP");
    }

    /// Lets a paused process go on.
    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            var code = new ProcessBuilder("kill", "-" + name, String.valueOf(pid())).start();
            if (code.waitFor() != 0) {
                throw new CommandFailure("kill -" + name + " " + pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private boolean awaitEnd(Duration timeout) {
        try {
            return process.waitFor(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    /// The last line that the node logged, for an error message.
    String lastLogLine() {
        try (var channel = Files.newByteChannel(log)) {
            channel.position(Math.max(0, channel.size() - LOG_TAIL_BYTES));
            var bytes = java.nio.ByteBuffer.allocate(LOG_TAIL_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Reads until the buffer is full or the file ends.
            }
            var lines = new String(bytes.array(), 0, bytes.position(), UTF_8).lines();
            var last = lines.filter(line -> !line.isBlank()).reduce((a, b) -> b);
            return last.map(line -> Escape.controls(line.strip()).replaceFirst("^error: ", ""))
                    .orElse("it logged nothing, see " + log);
        } catch (IOException e) {
            return "see " + log;
        }
    }
}
