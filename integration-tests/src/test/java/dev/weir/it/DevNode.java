// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A one-node cluster of `weir dev`, and its node when it was killed and started again by hand.
final class DevNode implements AutoCloseable {

    private static final int END_SECONDS = 40;

    private final Process dev;
    private final JsonObject ready;
    private final CompletableFuture<byte[]> devErr;
    private @Nullable Process restarted;

    private DevNode(Process dev, JsonObject ready, CompletableFuture<byte[]> devErr) {
        this.dev = dev;
        this.ready = ready;
        this.devErr = devErr;
    }

    /// Starts a cluster on free ports, or one that the directory has from before.
    static DevNode start(Path directory) {
        var dev =
                Cli.start("dev", "--nodes", "1", "--dir", directory.toString(), "--base-port", "0");
        var err = Cli.read(dev.getErrorStream());
        try {
            var line = new BufferedReader(dev.inputReader(UTF_8)).readLine();
            if (line == null) {
                throw new AssertionError("dev did not start: " + new String(err.join(), UTF_8));
            }
            return new DevNode(dev, JsonParser.parseString(line).getAsJsonObject(), err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The line that scripts rely on.
    JsonObject ready() {
        return ready;
    }

    String bootstrap() {
        return ready.get("bootstrap").getAsString();
    }

    Path config() {
        return Path.of(node().get("config").getAsString());
    }

    Path dataDir() {
        return Path.of(node().get("dataDir").getAsString());
    }

    long nodePid() {
        return node().get("pid").getAsLong();
    }

    private JsonObject node() {
        return ready.getAsJsonArray("nodes").get(0).getAsJsonObject();
    }

    /// Runs a client command against this cluster.
    Cli.Result run(String... arguments) {
        return runWithInput(new byte[0], arguments);
    }

    /// Runs a client command against this cluster.
    Cli.Result runWithInput(byte[] input, String... arguments) {
        return Cli.runWithInput(input, withBootstrap(arguments));
    }

    /// The arguments with this cluster's address.
    String[] withBootstrap(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--bootstrap");
        all.add(bootstrap());
        return all.toArray(String[]::new);
    }

    /// kill -9 of the node; `dev` stays.
    void killNode() {
        end(ProcessHandle.of(nodePid()).orElseThrow());
    }

    /// Starts the killed node as an operator would: `weir server --config FILE`.
    void restartNode() {
        var process = Cli.start("server", "--config", config().toString());
        restarted = process;
        var err = Cli.read(process.getErrorStream());
        try {
            var line = new BufferedReader(process.inputReader(UTF_8)).readLine();
            if (line == null) {
                throw new AssertionError("did not start: " + new String(err.join(), UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SIGTERM to `dev` (and to a node started by hand), and waits.
    ///
    /// @return the exit code of `dev`
    int stop() throws InterruptedException {
        var process = restarted;
        if (process != null) {
            process.toHandle().destroy();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the node did not stop");
            }
        }
        // Not Process.destroy, which closes the streams as well.
        dev.toHandle().destroy();
        if (!dev.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("dev did not stop: " + new String(devErr.join(), UTF_8));
        }
        return dev.exitValue();
    }

    /// What `dev` said to people; complete once it has ended.
    String devErr() {
        return new String(devErr.join(), UTF_8);
    }

    @Override
    public void close() {
        var process = restarted;
        if (process != null) {
            end(process.toHandle());
        }
        ProcessHandle.of(nodePid()).ifPresent(DevNode::end);
        end(dev.toHandle());
    }

    private static void end(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().orTimeout(END_SECONDS, TimeUnit.SECONDS).join();
    }
}
