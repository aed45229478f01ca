// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.BrokerNode;
import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.logging.Logging;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `weir server`: runs one node.
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one node until it gets SIGTERM or Ctrl-C, then stops cleanly.",
            "Its directories must have been formatted: weir format. It logs to standard error, and"
                    + " prints one line of JSON on standard output when it serves:",
            "  {\"ready\":true,\"id\":..,\"pid\":..,\"address\":..}"
        },
        footer = {"", "Examples:", "  weir server --config weir.properties"})
final class ServerCommand implements Callable<Integer> {

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "docs/configuration.md lists the keys.")
    private Path file = Path.of("");

    @Option(names = "--stop-with", hidden = true, paramLabel = "PID")
    private @Nullable Long stopWith;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        var config = BrokerConfig.load(file);
        Logging.start(config);
        var logger = LoggerFactory.getLogger(ServerCommand.class);
        for (var listener : config.insecureListeners()) {
            logger.warn(
                    "{} is not on loopback, without TLS and without authentication: whoever reaches"
                            + " it may do everything",
                    listener);
        }
        var node = BrokerNode.launch(config);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node, logger), "stop"));
        endWithParent();
        node.awaitReady();
        var out = spec.commandLine().getOut();
        out.println(
                Json.object()
                        .put("ready", true)
                        .put("id", config.nodeId())
                        .put("pid", ProcessHandle.current().pid())
                        .put("address", config.advertisedAddress().toString()));
        out.flush();
        // Only a signal ends a node.
        new CountDownLatch(1).await();
        return 0;
    }

    /// A node of a development cluster does not outlive it, however that ended.
    private void endWithParent() {
        if (stopWith != null) {
            ProcessHandle.of(stopWith)
                    .ifPresentOrElse(ServerCommand::endWith, () -> System.exit(0));
        }
    }

    private static void endWith(ProcessHandle parent) {
        var _ = parent.onExit().thenRun(() -> System.exit(0));
    }

    /// Runs while the process ends. The exit code of a clean stop is 0.
    private static void stop(BrokerNode node, Logger logger) {
        try {
            node.close();
            Runtime.getRuntime().halt(0);
        } catch (RuntimeException e) {
            logger.error("the node did not stop cleanly", e);
            Runtime.getRuntime().halt(1);
        }
    }
}
