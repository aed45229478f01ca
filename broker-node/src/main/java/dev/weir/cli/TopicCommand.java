// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.NewTopic;
import dev.weir.client.TopicChange;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// `weir topic`: makes, shows, changes and deletes topics.
@Command(
        name = "topic",
        mixinStandardHelpOptions = true,
        description = "Makes, shows, changes and deletes topics.",
        subcommands = {
            TopicCommand.Create.class,
            TopicCommand.ListTopics.class,
            TopicCommand.Describe.class,
            TopicCommand.Alter.class,
            TopicCommand.Delete.class
        })
final class TopicCommand implements Callable<Integer> {

    private static final String LIST = "'weir topic list' shows those there are";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// `weir topic create`.
    @Command(
            name = "create",
            description = "Makes a topic. Answers when it is committed.",
            footer = {
                "",
                "Examples:",
                "  weir topic create orders --partitions 6",
                "  weir topic create audit --config durability=fsync --config"
                        + " segment.bytes=67108864"
            })
    static final class Create extends ClientCommand {
        @Parameters(paramLabel = "TOPIC", description = "Letters, digits, '.', '_' and '-'.")
        private String topic = "";

        @Option(names = "--partitions", paramLabel = "N", description = "Default: the cluster's.")
        private @Nullable Integer partitions;

        @Option(
                names = "--replication-factor",
                paramLabel = "N",
                description = "Default: 3, or the number of nodes if there are fewer.")
        private @Nullable Integer replicationFactor;

        @Option(
                names = "--config",
                paramLabel = "KEY=VALUE",
                description = "See docs/configuration.md.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Override
        void run(WeirClient client) {
            var wanted =
                    new NewTopic(
                            topic,
                            atLeastOne("--partitions", partitions),
                            atLeastOne("--replication-factor", replicationFactor),
                            configs);
            print(this, client.admin().createTopic(wanted, false), "created");
        }
    }

    /// `weir topic list`.
    @Command(
            name = "list",
            description = "Shows the names of all topics.",
            footer = {"", "Examples:", "  weir topic list --output json"})
    static final class ListTopics extends ClientCommand {
        @Override
        void run(WeirClient client) {
            var topics = client.admin().listTopics(false);
            if (wantsJson()) {
                out().println(
                                Json.object()
                                        .put(
                                                "topics",
                                                topics.stream()
                                                        .map(
                                                                topic ->
                                                                        Json.object()
                                                                                .put(
                                                                                        "topic",
                                                                                        topic
                                                                                                .name())
                                                                                .put(
                                                                                        "topicId",
                                                                                        topic.id())
                                                                                .put(
                                                                                        "partitions",
                                                                                        topic
                                                                                                .partitions())
                                                                                .put(
                                                                                        "replicationFactor",
                                                                                        topic
                                                                                                .replicationFactor()))
                                                        .toList()));
                return;
            }
            topics.forEach(topic -> out().println(topic.name()));
        }
    }

    /// `weir topic describe`.
    @Command(
            name = "describe",
            description = "Shows a topic's partitions and configuration.",
            footer = {
                "",
                "Examples:",
                "  weir topic describe orders",
                "  weir topic describe orders --output json"
            })
    static final class Describe extends ClientCommand {
        @Parameters(paramLabel = "TOPIC")
        private String topic = "";

        @Override
        String topicName() {
            return topic;
        }

        @Override
        void run(WeirClient client) {
            var description = client.admin().describeTopic(topic);
            if (wantsJson()) {
                out().println(json(description));
                return;
            }
            print(this, description, "has");
            table(description, out());
        }

        private static void table(TopicDescription topic, PrintWriter out) {
            out.println(
                    "PARTITION  LEADER  EPOCH  REPLICAS  ISR    ELR    LOG START  HIGH WATERMARK");
            for (var partition : topic.partitions()) {
                out.printf(
                        "%9d  %6s  %5d  %8s  %-5s  %-5s  %9s  %14s%n",
                        partition.partition(),
                        partition.leader().isPresent() ? partition.leader().getAsInt() : "none",
                        partition.leaderEpoch(),
                        ids(partition.replicas()),
                        ids(partition.isr()),
                        partition.elr().isEmpty() ? "-" : ids(partition.elr()),
                        number(partition.logStartOffset()),
                        number(partition.highWatermark()));
            }
            for (var partition : topic.partitions()) {
                OfflineText.of(partition).ifPresent(out::println);
            }
            for (var config : topic.configs()) {
                out.printf("%s=%s (%s)%n", config.name(), config.value(), config.source());
            }
        }
    }

    /// `weir topic alter`.
    @Command(
            name = "alter",
            description = "Adds partitions, sets and removes configuration; all or nothing.",
            footer = {
                "",
                "Examples:",
                "  weir topic alter orders --partitions 12",
                "  weir topic alter orders --config durability=replicated --remove-config"
                        + " segment.bytes"
            })
    static final class Alter extends ClientCommand {
        @Parameters(paramLabel = "TOPIC")
        private String topic = "";

        @Override
        String topicName() {
            return topic;
        }

        @Override
        String cureOfNoTopic(String name) {
            return LIST;
        }

        @Option(
                names = "--partitions",
                paramLabel = "N",
                description = "The new total; never less.")
        private @Nullable Integer partitions;

        @Option(
                names = "--config",
                paramLabel = "KEY=VALUE",
                description = "See docs/configuration.md.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Option(
                names = "--remove-config",
                paramLabel = "KEY",
                description = "Back to the default of the cluster.")
        private List<String> removed = List.of();

        @Override
        void run(WeirClient client) {
            if (partitions == null && configs.isEmpty() && removed.isEmpty()) {
                throw new CommandFailure(
                        "nothing to change: give --partitions, --config or --remove-config");
            }
            var altered =
                    client.admin()
                            .alterTopic(
                                    topic,
                                    new TopicChange(
                                            atLeastOne("--partitions", partitions),
                                            configs,
                                            removed),
                                    false);
            altered.warnings().forEach(warning -> err().println("warning: " + warning));
            print(this, altered.topic(), "altered");
        }
    }

    /// `weir topic delete`.
    @Command(
            name = "delete",
            description = "Deletes a topic and all of its records. There is no way back.",
            footer = {"", "Examples:", "  weir topic delete orders"})
    static final class Delete extends ClientCommand {
        @Parameters(paramLabel = "TOPIC")
        private String topic = "";

        @Override
        String topicName() {
            return topic;
        }

        @Override
        String cureOfNoTopic(String name) {
            return LIST;
        }

        @Override
        void run(WeirClient client) {
            client.admin().deleteTopic(topic);
            if (wantsJson()) {
                out().println(Json.object().put("deleted", topic));
            } else {
                out().println("topic " + topic + " deleted");
            }
        }
    }

    /// @return 0 for an option that was not given
    private static int atLeastOne(String option, @Nullable Integer number) {
        if (number != null && number < 1) {
            throw new CommandFailure(option + " " + number + ": use 1 or more");
        }
        return number == null ? 0 : number;
    }

    private static void print(ClientCommand command, TopicDescription topic, String what) {
        if (command.wantsJson()) {
            command.out().println(json(topic));
            return;
        }
        var replicas =
                topic.partitions().isEmpty() ? 0 : topic.partitions().getFirst().replicas().size();
        command.out()
                .printf(
                        "topic %s %s: id %s, %d partition(s), replication factor %d%n",
                        topic.name(), what, topic.id(), topic.partitions().size(), replicas);
    }

    private static Json json(TopicDescription topic) {
        return Json.object()
                .put("topic", topic.name())
                .put("topicId", topic.id())
                .put("partitions", topic.partitions().stream().map(TopicCommand::json).toList())
                .put(
                        "configs",
                        topic.configs().stream()
                                .map(
                                        config ->
                                                Json.object()
                                                        .put("name", config.name())
                                                        .put("value", config.value())
                                                        .put("source", config.source()))
                                .toList())
                .put("metadataOffset", topic.metadataOffset());
    }

    private static Json json(TopicDescription.Partition partition) {
        return Json.object()
                .put("partition", partition.partition())
                .put(
                        "leader",
                        partition.leader().isPresent() ? partition.leader().getAsInt() : null)
                .put("leaderEpoch", partition.leaderEpoch())
                .put("replicas", partition.replicas())
                .put("isr", partition.isr())
                .put("elr", partition.elr())
                .put("recovering", partition.recovering())
                .put("highWatermark", orNull(partition.highWatermark()))
                .put("logStartOffset", orNull(partition.logStartOffset()));
    }

    private static @Nullable Long orNull(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    private static String number(OptionalLong number) {
        return number.isPresent() ? String.valueOf(number.getAsLong()) : "-";
    }

    private static String ids(List<Integer> ids) {
        return String.join(",", ids.stream().map(String::valueOf).toList());
    }
}
