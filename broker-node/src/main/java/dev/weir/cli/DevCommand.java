// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

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
            "  weir dev --dir ./other --base-port 9900     a second cluster beside the first"
        })
final class DevCommand implements Callable<Integer> {

    private static final Duration START = Duration.ofSeconds(90);
    private static final int NODES_OF_NEW = 3;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "How many nodes. Default: 3, or as many as an existing directory has.")
    private @Nullable Integer nodes;

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
                    "The first node's client port, the next nodes' follow; the quorum's ports begin"
                            + " 101 above it, the internal ones 201, the metrics' 301. 0 takes free"
                            + " ports. Default: ${DEFAULT-VALUE}. An existing directory keeps its"
                            + " ports.")
    private int basePort;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private volatile boolean isReady;
    private volatile boolean isStopping;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nodes != null && (nodes < 1 || nodes > DevDirectory.NODES_MAX)) {
            throw new CommandFailure("--nodes " + nodes + ": use 1 to " + DevDirectory.NODES_MAX);
        }
        if (basePort < 0 || basePort > DevDirectory.BASE_PORT_MAX) {
            throw new CommandFailure(
                    "--base-port " + basePort + ": use 0, or 1 to " + DevDirectory.BASE_PORT_MAX);
        }
        var isTemporary = directory == null;
        var home = directory == null ? Files.createTempDirectory("weir-dev-") : directory;
        var configs = DevDirectory.prepare(home, nodes, NODES_OF_NEW, basePort);
        var cluster = new LocalCluster(configs, List.of());
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> stop(cluster, isTemporary ? home : null), "stop"));
        cluster.start(START);
        isReady = true;
        var err = spec.commandLine().getErr();
        for (var id : cluster.ids()) {
            reportEnd(id, cluster.node(id), err);
            err.printf("node %d serves at %s%n", id, cluster.address(id));
        }
        err.printf("files are in %s%nstop with Ctrl-C%n", home);
        err.flush();
        printReady(cluster);
        // Nothing ends the command but a signal: a node that was killed may be started by hand.
        new CountDownLatch(1).await();
        return 0;
    }

    private void printReady(LocalCluster cluster) {
        var line =
                Json.object()
                        .put("ready", true)
                        .put("bootstrap", cluster.address(cluster.ids().getFirst()))
                        .put(
                                "nodes",
                                cluster.ids().stream().map(id -> describe(cluster, id)).toList());
        var out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private static Json describe(LocalCluster cluster, int id) {
        return Json.object()
                .put("id", id)
                .put("pid", cluster.node(id).pid())
                .put("address", cluster.address(id))
                .put("dataDir", cluster.settings(id).dataDir().toString())
                .put("config", cluster.config(id).toString());
    }

    private void reportEnd(int id, NodeProcess node, PrintWriter err) {
        var _ =
                node.onExit()
                        .thenAccept(
                                code -> {
                                    if (isStopping) {
                                        return;
                                    }
                                    err.printf(
                                            "node %d (pid %d) ended with code %d and is not"
                                                + " restarted; start it with: weir server --config"
                                                + " %s%n",
                                            id, node.pid(), code, node.config());
                                    err.flush();
                                });
    }

    /// Runs while the process ends. The exit code of a stop that worked is 0.
    private void stop(LocalCluster cluster, @Nullable Path temporary) {
        isStopping = true;
        cluster.stopAll();
        if (temporary != null) {
            DevDirectory.delete(temporary);
        }
        if (isReady) {
            Runtime.getRuntime().halt(0);
        }
    }
}
