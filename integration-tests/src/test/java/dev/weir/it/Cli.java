// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Starts `weir` on this JVM's class path, in a process of its own.
final class Cli {

    static final Duration TIMEOUT = Duration.ofMinutes(3);

    private Cli() {}

    /// What a finished command left.
    ///
    /// @param exitCode as the shell sees it
    /// @param out standard output
    /// @param err standard error, as text
    record Result(int exitCode, byte[] out, String err) {

        String outText() {
            return new String(out, UTF_8);
        }

        JsonObject lastLineAsJson() {
            var last = outText().lines().reduce((a, b) -> b).orElseThrow();
            return JsonParser.parseString(last).getAsJsonObject();
        }

        Result assertSucceeded() {
            assertThat(exitCode).as("exit code; it said: %s", err).isZero();
            return this;
        }

        /// The one line that a failed command says.
        String assertFailedWithOneLine() {
            assertThat(exitCode).as("exit code; it said: %s", err).isNotZero();
            assertThat(err.strip().lines()).as(err).hasSize(1);
            assertThat(err).startsWith("error: ");
            return err.strip();
        }
    }

    /// Runs a command to its end.
    static Result run(String... arguments) {
        return runWithInput(new byte[0], arguments);
    }

    /// Runs a command to its end; `input` is its standard input.
    static Result runWithInput(byte[] input, String... arguments) {
        var process = start(arguments);
        var out = read(process.getInputStream());
        var err = read(process.getErrorStream());
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It ended before it had read all; its exit code says why.
        }
        return await(process, out, err);
    }

    /// Waits for the end of a command that [#start] started.
    static Result await(
            Process process, CompletableFuture<byte[]> out, CompletableFuture<byte[]> err) {
        try {
            if (!process.waitFor(TIMEOUT)) {
                process.toHandle().destroyForcibly();
                throw new AssertionError(
                        "still running after " + TIMEOUT + ": " + new String(err.join(), UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return new Result(process.exitValue(), out.join(), new String(err.join(), UTF_8));
    }

    /// Starts a command.
    static Process start(String... arguments) {
        var builder = new ProcessBuilder(command(arguments));
        builder.environment().put("WEIR_HEAP", "256m");
        // Nodes that live for seconds: the optimising compiler would cost more than they do.
        builder.environment().put("WEIR_JVM_OPTS", "-XX:TieredStopAtLevel=1");
        builder.environment().remove("WEIR_BOOTSTRAP");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The words that start a command.
    static List<String> command(String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.weir.cli.Weir"));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Reads a stream to its end, on a thread of its own.
    static CompletableFuture<byte[]> read(InputStream in) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return in.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    /// Closes; the command reads the end of its input.
    static void close(OutputStream out) {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Writes and flushes.
    static void write(OutputStream out, byte[] bytes, int from, int to) {
        try {
            out.write(bytes, from, to - from);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
