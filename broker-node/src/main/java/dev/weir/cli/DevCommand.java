// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `weir dev`: a cluster of real processes on this machine.
@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a cluster of real processes on this machine until it gets SIGTERM or Ctrl-C.",
            "The last line on standard output, printed when the cluster serves, is JSON:",
            "  {\"ready\":true,\"bootstrap\":..,\"nodes\":[NODE..]}",
            "  NODE is {\"id\":..,\"pid\":..,\"address\":..,\"dataDir\":..,\"config\":..}",
            "A node that ends is reported and not restarted: start it with 'weir server --config"
                    + " FILE' on the file that the line names."
        },
        footer = {
            "",
            "Examples:",
            "  weir dev                                    data is gone when it stops",
            "  weir dev --dir ./weir-data                  an existing directory starts again with"
                    + " its data",
            "  weir dev --dir ./other --base-port 9500     a second cluster beside the first"
        })
final class DevCommand implements Callable<Integer> {

    private static final Duration START = Duration.ofSeconds(60);
    private static final int BASE_PORT_MAX = 65_000;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many nodes. This version runs one.")
    private int nodes;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where configuration and data are. Default: a temporary directory.")
    private @Nullable Path directory;

    @Option(
            names = "--base-port",
            paramLabel = "PORT",
            defaultValue = "9400",
            description =
                    "Client port; the quorum's and the metrics' port follow. 0 takes free ports."
                            + " Default: ${DEFAULT-VALUE}. An existing directory keeps its ports.")
    private int basePort;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private volatile boolean isReady;
    private volatile boolean isStopping;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nodes != 1) {
            throw new CommandFailure(
                    "--nodes " + nodes + ": this version runs one node only: use --nodes 1");
        }
        if (basePort < 0 || basePort > BASE_PORT_MAX) {
            throw new CommandFailure(
                    "--base-port " + basePort + ": use 0, or 1 to " + BASE_PORT_MAX);
        }
        var isTemporary = directory == null;
        var home = directory == null ? Files.createTempDirectory("weir-dev-") : directory;
        var config = DevDirectory.prepareNode(home, basePort);
        var settings = BrokerConfig.load(config);
        DevDirectory.checkPortsAreFree(settings);
        var node = NodeProcess.start(config);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> stop(node, isTemporary ? home : null), "stop"));
        node.awaitReady(START);
        isReady = true;
        var err = spec.commandLine().getErr();
        reportEnd(node, err);
        err.printf(
                "node 1 serves at %s, its files are in %s%n", settings.advertisedAddress(), home);
        err.println("stop with Ctrl-C");
        printReady(node, settings);
        // Nothing ends the command but a signal: a node that was killed may be started by hand.
        new CountDownLatch(1).await();
        return 0;
    }

    private void printReady(NodeProcess node, BrokerConfig settings) {
        var address = settings.advertisedAddress().toString();
        var line =
                Json.object()
                        .put("ready", true)
                        .put("bootstrap", address)
                        .put(
                                "nodes",
                                List.of(
                                        Json.object()
                                                .put("id", settings.nodeId())
                                                .put("pid", node.pid())
                                                .put("address", address)
                                                .put("dataDir", settings.dataDir().toString())
                                                .put("config", node.config().toString())));
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private void reportEnd(NodeProcess node, PrintWriter err) {
        var _ =
                node.onExit()
                        .thenAccept(
                                code -> {
                                    if (isStopping) {
                                        return;
                                    }
                                    err.printf(
                                            "node 1 (pid %d) ended with code %d and is not"
                                                + " restarted; start it with: weir server --config"
                                                + " %s%n",
                                            node.pid(), code, node.config());
                                    err.flush();
                                });
    }

    /// Runs while the process ends. The exit code of a stop that worked is 0.
    private void stop(NodeProcess node, @Nullable Path temporary) {
        isStopping = true;
        node.stop();
        if (temporary != null) {
            DevDirectory.delete(temporary);
        }
        if (isReady) {
            Runtime.getRuntime().halt(0);
        }
    }
}
