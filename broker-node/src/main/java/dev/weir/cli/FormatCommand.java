// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `weir format`: gives a node its identity.
@Command(
        name = "format",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a node's identity (cluster, node and directory ids) into its empty directories."
                    + " Once in a node's life.",
            "A node never does this by itself: a directory that lost its disk must not pass for a"
                    + " new one."
        },
        footer = {"", "Examples:", "  weir format --config weir.properties"})
final class FormatCommand implements Callable<Integer> {

    @Option(names = "--config", required = true, paramLabel = "FILE")
    private Path config = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        var settings = BrokerConfig.load(config);
        NodeFormat.format(settings);
        spec.commandLine()
                .getErr()
                .printf(
                        "formatted %s for node %d of cluster %s%n",
                        settings.dataDir(), settings.nodeId(), settings.clusterId());
        return 0;
    }
}
