// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.Voter;
import dev.weir.client.ConfigScope;
import dev.weir.client.QuorumDescription;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;
import java.util.Map;

/// The commands of `weir cluster` that change something.
final class ClusterChanges {

    private static final String NODES = "'weir cluster describe' shows those there are";

    private ClusterChanges() {}

    /// `weir cluster add-voter`.
    @Command(
            name = "add-voter",
            description = {
                "Adds a voter to the metadata quorum. Its node runs and waits for that; the line it"
                        + " logs meanwhile has the words to pass here.",
                "Answers when the voter has caught up and votes."
            },
            footer = {
                "",
                "Examples:",
                "  weir cluster add-voter 3@10.0.0.3:9401:6f1c8a52-0f4c-4bb5-9d51-0123456789ab"
            })
    static final class AddVoter extends ClientCommand {
        @Parameters(
                paramLabel = "ID@HOST:PORT:DIRECTORY_ID",
                description = "As 'weir format' printed it on that node.")
        private String voter = "";

        @Override
        void run(WeirClient client) {
            var added = parse();
            var directoryId = added.directoryId();
            if (directoryId == null) {
                throw new CommandFailure(
                        voter
                                + " has no directory id: pass ID@HOST:PORT:DIRECTORY_ID, as 'weir"
                                + " format' printed it");
            }
            var voters =
                    client.admin()
                            .addVoter(
                                    added.nodeId(),
                                    directoryId.toString(),
                                    added.address().host(),
                                    added.address().port());
            print(this, voters, "node %d votes".formatted(added.nodeId()));
        }

        private Voter parse() {
            try {
                return Voter.parse(voter);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(voter + ": " + e.getMessage(), e);
            }
        }
    }

    /// `weir cluster remove-voter`.
    @Command(
            name = "remove-voter",
            description = {
                "Removes a voter from the metadata quorum: one whose disk or machine is lost, or"
                    + " one that was stopped for good. A node that runs ends when it is removed.",
                "Refused when the voters that live would be no majority afterwards."
            },
            footer = {
                "",
                "Examples:",
                "  weir cluster remove-voter 3",
                "  weir cluster remove-voter 3 --directory-id 6f1c8a52-0f4c-4bb5-9d51-0123456789ab"
            })
    static final class RemoveVoter extends ClientCommand {
        @Parameters(paramLabel = "ID", description = "The node's id.")
        private int nodeId;

        @Option(
                names = "--directory-id",
                paramLabel = "UUID",
                description = "Its metadata directory. Default: the one with which it votes.")
        private @Nullable String directoryId;

        @Override
        void run(WeirClient client) {
            var directory = directoryId == null ? directoryOf(client) : directoryId;
            var voters = client.admin().removeVoter(nodeId, directory);
            print(this, voters, "node %d votes no more".formatted(nodeId));
        }

        private String directoryOf(WeirClient client) {
            return client.admin().describeQuorum().voters().stream()
                    .filter(voter -> voter.nodeId() == nodeId)
                    .map(QuorumDescription.Voter::directoryId)
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new CommandFailure(
                                            "node %d is no voter: 'weir cluster quorum' shows those there are"
                                                    .formatted(nodeId)));
        }
    }

    private static void print(
            ClientCommand command, List<QuorumDescription.Voter> voters, String done) {
        if (command.wantsJson()) {
            command.out()
                    .println(
                            Json.object()
                                    .put(
                                            "voters",
                                            voters.stream().map(ClusterChanges::json).toList()));
            return;
        }
        command.out().println(done);
        for (var voter : voters) {
            command.out().println(line(voter));
        }
    }

    /// A voter for scripts.
    static Json json(QuorumDescription.Voter voter) {
        return Json.object()
                .put("id", voter.nodeId())
                .put("peerId", voter.peerId())
                .put("directoryId", voter.directoryId())
                .put("address", voter.address())
                .put(
                        "matchIndex",
                        voter.matchIndex().isPresent() ? voter.matchIndex().getAsLong() : null);
    }

    /// A voter for people, as configuration names it.
    static String line(QuorumDescription.Voter voter) {
        return "voter %d@%s:%s".formatted(voter.nodeId(), voter.address(), voter.directoryId());
    }

    /// `weir cluster elect-leaders`.
    @Command(
            name = "elect-leaders",
            description = {
                "Gives partitions back to their preferred leaders: the first replica of each, where"
                        + " it is in sync and live.",
                "With --unclean: where nobody may lead, any live replica does. Acknowledged records"
                        + " that only the others have are lost."
            },
            footer = {
                "",
                "Examples:",
                "  weir cluster elect-leaders",
                "  weir cluster elect-leaders --topic orders --partition 3 --unclean"
            })
    static final class ElectLeaders extends ClientCommand {
        @Option(names = "--topic", paramLabel = "TOPIC", description = "Default: all topics.")
        private @Nullable String topic;

        @Option(
                names = "--partition",
                paramLabel = "P",
                split = ",",
                description = "Of the topic. Default: all of them.")
        private List<Integer> partitions = List.of();

        @Option(names = "--unclean", description = "Loses records.")
        private boolean unclean;

        @Override
        @Nullable String topicName() {
            return topic;
        }

        @Override
        void run(WeirClient client) {
            if (topic == null && !partitions.isEmpty()) {
                throw new CommandFailure("--partition needs --topic: add it");
            }
            var elected = client.admin().electLeaders(topic, partitions, unclean);
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put(
                                                "elected",
                                                elected.stream()
                                                        .map(
                                                                p ->
                                                                        Json.object()
                                                                                .put(
                                                                                        "topic",
                                                                                        p.topic())
                                                                                .put(
                                                                                        "partition",
                                                                                        p
                                                                                                .partition()))
                                                        .toList()));
                return;
            }
            elected.forEach(p -> out().println("elected " + p));
            out().printf("%d partitions have another leader%n", elected.size());
        }
    }

    /// `weir cluster drain`.
    @Command(
            name = "drain",
            description = {
                "Moves leaderships off a node, and keeps them off until --undo: for the time before"
                        + " it is stopped for long, or is looked at. Its replicas stay.",
                "The same as: weir broker alter NODE --config leader.drain=true"
            },
            footer = {"", "Examples:", "  weir cluster drain 2", "  weir cluster drain 2 --undo"})
    static final class Drain extends ClientCommand {
        @Parameters(paramLabel = "NODE", description = "The node's id.")
        private int nodeId;

        @Option(names = "--undo", description = "The node may lead again.")
        private boolean undo;

        @Override
        void run(WeirClient client) {
            var scope = new ConfigScope.Broker(nodeId);
            var offset =
                    undo
                            ? client.admin()
                                    .alterConfigs(scope, Map.of(), List.of(BrokerCommand.DRAIN))
                            : client.admin()
                                    .alterConfigs(
                                            scope, Map.of(BrokerCommand.DRAIN, "true"), List.of());
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put("node", nodeId)
                                        .put("drained", !undo)
                                        .put("metadataOffset", offset));
            } else {
                out().printf(
                                undo ? "node %d may lead again%n" : "leaderships leave node %d%n",
                                nodeId);
            }
        }
    }

    /// `weir cluster remove-broker`.
    @Command(
            name = "remove-broker",
            description =
                    "Forgets a node that is down for good. Refused while it lives or holds"
                            + " replicas, which cannot be moved yet.",
            footer = {"", "Examples:", "  weir cluster remove-broker 4"})
    static final class RemoveBroker extends ClientCommand {
        @Parameters(paramLabel = "NODE", description = "The node's id; " + NODES + ".")
        private int nodeId;

        @Override
        void run(WeirClient client) {
            var offset = client.admin().removeBroker(nodeId);
            if (wantsJson()) {
                out().println(Json.object().put("removed", nodeId).put("metadataOffset", offset));
            } else {
                out().printf("node %d is forgotten%n", nodeId);
            }
        }
    }
}
