// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.ConfigScope;
import dev.weir.client.WeirClient;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `weir broker`: what holds for one node while the cluster runs.
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = "Shows and changes one node's dynamic configuration.",
        subcommands = {BrokerCommand.Describe.class, BrokerCommand.Alter.class})
final class BrokerCommand implements Callable<Integer> {

    /// The key that keeps leaderships off a node.
    static final String DRAIN = "leader.drain";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// `weir broker describe`.
    @Command(
            name = "describe",
            description = "Shows the dynamic keys that hold for a node.",
            footer = {"", "Examples:", "  weir broker describe 1"})
    static final class Describe extends ClientCommand {
        @Parameters(paramLabel = "NODE", description = "The node's id.")
        private int nodeId;

        @Override
        void run(WeirClient client) {
            var configs = client.admin().describeConfigs(new ConfigScope.Broker(nodeId));
            if (wantsJson()) {
                var json = Json.object();
                configs.forEach(config -> json.put(config.name(), config.value()));
                out().println(Json.object().put("node", nodeId).put("configs", json));
                return;
            }
            configs.forEach(config -> out().println(config.name() + "=" + config.value()));
        }
    }

    /// `weir broker alter`.
    @Command(
            name = "alter",
            description = "Sets and removes dynamic keys of a node, all or nothing.",
            footer = {
                "",
                "Examples:",
                "  weir broker alter 1 --config segment.ms=86400000",
                "  weir broker alter 1 --remove-config segment.ms"
            })
    static final class Alter extends ClientCommand {
        @Parameters(paramLabel = "NODE", description = "The node's id.")
        private int nodeId;

        @Option(
                names = "--config",
                paramLabel = "KEY=VALUE",
                description = "See docs/configuration.md.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Option(
                names = "--remove-config",
                paramLabel = "KEY",
                description = "Back to what holds for the whole cluster.")
        private List<String> removed = List.of();

        @Override
        void run(WeirClient client) {
            if (configs.isEmpty() && removed.isEmpty()) {
                throw new CommandFailure("nothing to change: give --config or --remove-config");
            }
            var offset =
                    client.admin().alterConfigs(new ConfigScope.Broker(nodeId), configs, removed);
            if (wantsJson()) {
                out().println(Json.object().put("node", nodeId).put("metadataOffset", offset));
            } else {
                out().printf("altered node %d%n", nodeId);
            }
        }
    }
}
