// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.api.v1.WatchMetadataResponse;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// `weir cluster`: the nodes, the quorum, the metadata.
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "Shows and changes the nodes and the metadata quorum; shows the metadata.",
        subcommands = {
            ClusterCommand.Describe.class,
            ClusterCommand.Quorum.class,
            ClusterCommand.Metadata.class,
            ClusterChanges.AddVoter.class,
            ClusterChanges.RemoveVoter.class,
            ClusterChanges.ElectLeaders.class,
            ClusterChanges.Drain.class,
            ClusterChanges.RemoveBroker.class
        })
final class ClusterCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// `weir cluster describe`.
    @Command(
            name = "describe",
            description = "Shows the cluster's id, its controller and its nodes.",
            footer = {"", "Examples:", "  weir cluster describe --output json"})
    static final class Describe extends ClientCommand {
        @Override
        void run(WeirClient client) {
            var cluster = client.admin().describeCluster();
            var controller =
                    cluster.controllerId().isPresent() ? cluster.controllerId().getAsInt() : null;
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put("clusterId", cluster.clusterId())
                                        .put("controllerId", controller)
                                        .put("featureLevel", cluster.featureLevel())
                                        .put("metadataOffset", cluster.metadataOffset())
                                        .put(
                                                "nodes",
                                                cluster.brokers().stream()
                                                        .map(
                                                                node ->
                                                                        Json.object()
                                                                                .put(
                                                                                        "id",
                                                                                        node
                                                                                                .nodeId())
                                                                                .put(
                                                                                        "address",
                                                                                        node
                                                                                                .address())
                                                                                .put(
                                                                                        "rack",
                                                                                        node.rack())
                                                                                .put(
                                                                                        "fenced",
                                                                                        node
                                                                                                .isFenced())
                                                                                .put(
                                                                                        "incarnation",
                                                                                        node
                                                                                                .incarnation()))
                                                        .toList()));
                return;
            }
            out().printf(
                            "cluster %s, controller %s, feature level %d, metadata offset %d%n",
                            cluster.clusterId(),
                            controller == null ? "none" : controller,
                            cluster.featureLevel(),
                            cluster.metadataOffset());
            for (var node : cluster.brokers()) {
                out().printf(
                                "node %d at %s: %s%n",
                                node.nodeId(),
                                node.address(),
                                node.isFenced() ? "fenced" : "serving");
            }
        }
    }

    /// `weir cluster quorum`.
    @Command(
            name = "quorum",
            description =
                    "Shows the voters of the metadata quorum as the answering node sees them.",
            footer = {"", "Examples:", "  weir cluster quorum"})
    static final class Quorum extends ClientCommand {
        @Override
        void run(WeirClient client) {
            var quorum = client.admin().describeQuorum();
            var leader = quorum.leaderId().isPresent() ? quorum.leaderId().getAsInt() : null;
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put("leaderId", leader)
                                        .put("term", quorum.term())
                                        .put("committedIndex", quorum.committedIndex())
                                        .put("appliedIndex", quorum.appliedIndex())
                                        .put(
                                                "voters",
                                                quorum.voters().stream()
                                                        .map(ClusterChanges::json)
                                                        .toList()));
                return;
            }
            out().printf(
                            "leader %s, term %d, committed %d, applied %d%n",
                            leader == null ? "none" : leader,
                            quorum.term(),
                            quorum.committedIndex(),
                            quorum.appliedIndex());
            quorum.voters().forEach(voter -> out().println(ClusterChanges.line(voter)));
        }
    }

    /// `weir cluster metadata`.
    @Command(
            name = "metadata",
            description = {
                "Shows the whole metadata image: now, or as it was at an earlier offset"
                        + " (metadata.history.ms says how far back).",
                "With --watch every change is printed as it is applied, until Ctrl-C."
            },
            footer = {
                "",
                "Examples:",
                "  weir cluster metadata",
                "  weir cluster metadata --at 12 --output json",
                "  weir cluster metadata --watch"
            })
    static final class Metadata extends ClientCommand {

        private static final Duration WAIT = Duration.ofSeconds(5);

        @Option(
                names = "--at",
                paramLabel = "OFFSET",
                description =
                        "The image at this metadata offset; between two batches: at the earlier"
                                + " one.")
        private @Nullable Long at;

        @Option(names = "--watch", description = "The image, then each change.")
        private boolean watch;

        @Override
        void run(WeirClient client) {
            if (watch && at != null) {
                throw new CommandFailure("--at and --watch exclude each other: leave one out");
            }
            if (at != null && at < 0) {
                throw new CommandFailure("--at " + at + ": use 0 or more");
            }
            if (watch) {
                watch(client);
                return;
            }
            var answer =
                    client.admin()
                            .metadata(at == null ? OptionalLong.empty() : OptionalLong.of(at));
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put("offset", answer.getMetadataOffset())
                                        .put("image", ProtoJson.of(answer.getImage())));
            } else {
                MetadataText.image(answer.getMetadataOffset(), answer.getImage())
                        .forEach(out()::println);
            }
        }

        private void watch(WeirClient client) {
            try (var updates = client.admin().watchMetadata(OptionalLong.empty())) {
                while (!Thread.currentThread().isInterrupted()) {
                    var update = updates.next(WAIT);
                    if (update.isPresent()) {
                        print(update.get());
                        out().flush();
                    }
                }
            }
        }

        private void print(WatchMetadataResponse update) {
            var offset = update.getMetadataOffset();
            if (wantsJson()) {
                var json = Json.object().put("offset", offset);
                out().println(
                                update.hasDelta()
                                        ? json.put("delta", ProtoJson.of(update.getDelta()))
                                        : json.put("image", ProtoJson.of(update.getSnapshot())));
            } else if (update.hasDelta()) {
                for (var change : update.getDelta().getChangesList()) {
                    out().println("offset " + offset + ": " + MetadataText.change(change));
                }
            } else {
                MetadataText.image(offset, update.getSnapshot()).forEach(out()::println);
            }
        }
    }
}
