// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;

/// `weir format`: gives a node its identity.
@Command(
        name = "format",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a node's identity (cluster, node and directory ids) into its empty directories."
                    + " Once in a node's life.",
            "A node never does this by itself: a directory that lost its disk must not pass for a"
                    + " new one.",
            "Prints the cluster's id and the node's entry for quorum.voters. Format all voters"
                    + " first, then put all entries into every node's file, then start the nodes."
        },
        footer = {
            "",
            "Examples:",
            "  weir format --config weir.properties --new-cluster        the first node",
            "  weir format --config weir.properties --cluster-id UUID    every other node"
        })
final class FormatCommand implements Callable<Integer> {

    @Option(names = "--config", required = true, paramLabel = "FILE")
    private Path file = Path.of("");

    @ArgGroup private @Nullable Cluster cluster;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the answer. Default: ${DEFAULT-VALUE}.")
    private ClientCommand.Output output = ClientCommand.Output.TEXT;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /// One or the other.
    static final class Cluster {
        /// Exclusive with the id: picocli refuses both, so that a missing id says it.
        @SuppressWarnings("UnusedVariable")
        @Option(names = "--new-cluster", description = "The first node of a new cluster.")
        private boolean isNew;

        @Option(
                names = "--cluster-id",
                paramLabel = "UUID",
                description = "A further node of the cluster that the first one's format named.")
        private @Nullable UUID id;
    }

    @Override
    public Integer call() {
        var config = BrokerConfig.load(file);
        var clusterId = clusterId(config.find(BrokerConfigKey.CLUSTER_ID));
        var voter = NodeFormat.format(config, clusterId);
        var out = spec.commandLine().getOut();
        if (output == ClientCommand.Output.JSON) {
            out.println(
                    Json.object()
                            .put("clusterId", clusterId.toString())
                            .put("nodeId", config.nodeId())
                            .put("voter", voter.toString())
                            .put("dataDir", config.dataDir().toString())
                            .put("metadataDir", config.metadataDir().toString()));
        } else {
            out.println("cluster " + clusterId);
            out.println("voter " + voter);
        }
        out.flush();
        spec.commandLine()
                .getErr()
                .printf("formatted %s for node %d%n", config.dataDir(), config.nodeId());
        return 0;
    }

    private UUID clusterId(@Nullable UUID configured) {
        if (cluster == null) {
            if (configured != null) {
                return configured;
            }
            throw new CommandFailure(
                    "which cluster? --new-cluster for the first node, --cluster-id UUID for every"
                            + " other: the first one's format printed it");
        }
        var wanted = cluster.id;
        if (configured == null) {
            return wanted == null ? UUID.randomUUID() : wanted;
        }
        if (wanted == null || !wanted.equals(configured)) {
            throw new CommandFailure(
                    "%s says cluster.id=%s: remove that line, or leave out %s"
                            .formatted(
                                    file,
                                    configured,
                                    wanted == null ? "--new-cluster" : "--cluster-id"));
        }
        return wanted;
    }
}
