// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.createTopic;
import static dev.weir.metadata.controller.core.Brokers.refused;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.CommandResult.TopicMade;
import dev.weir.metadata.controller.core.ControllerCommand.CreateTopic;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.DirectoryFailed;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;

class TopicCreationTest {

    private static final UUID ID = new UUID(7, 7);

    @Test
    void createsATopicWithItsPartitionsAndConfiguration() {
        // Given
        var image = Brokers.live(3);
        var command =
                command("orders", OptionalInt.of(2), OptionalInt.of(3), Map.of("segment.ms", "5"));

        // When
        var decision = accepted(TopicCreation.decide(command, allLive(image)));

        // Then
        var after = image.with(decision.records());
        var topic = after.topics().topic("orders").orElseThrow();
        assertThat(topic.topicId()).isEqualTo(ID);
        assertThat(topic.partitions()).hasSize(2);
        assertThat(topic.partitions())
                .allSatisfy(
                        partition -> {
                            assertThat(partition.isr()).isEqualTo(partition.replicas());
                            assertThat(partition.replicas()).containsExactlyInAnyOrder(1, 2, 3);
                            assertThat(partition.isLedBy(partition.replicas().getFirst())).isTrue();
                            assertThat(partition.leaderEpoch()).isZero();
                            assertThat(partition.directoryOf(2)).isEqualTo(Brokers.directory(2));
                        });
        assertThat(after.configs().own(new ConfigScope.Topic(ID), "segment.ms")).contains("5");
        assertThat(decision.result()).isEqualTo(new TopicMade(ID, "orders", 0, topic.partitions()));
    }

    @Test
    void leavesReplicationToTheLiveBrokersWhenNoneIsNamed() {
        var command = command("orders", OptionalInt.empty(), OptionalInt.empty(), Map.of());

        assertThat(replicasOf(command, Brokers.live(1))).hasSize(1);
        assertThat(replicasOf(command, Brokers.live(2))).hasSize(2);
        assertThat(replicasOf(command, Brokers.live(5))).hasSize(3);
    }

    @Test
    void refusesBadNames() {
        var context = allLive(Brokers.live(1));

        assertThat(refused(TopicCreation.decide(createTopic("../x", 1, 1), context)))
                .isEqualTo(Code.INVALID_TOPIC_NAME);
        assertThat(refused(TopicCreation.decide(createTopic("a".repeat(300), 1, 1), context)))
                .isEqualTo(Code.INVALID_TOPIC_NAME);
        assertThat(refused(TopicCreation.decide(createTopic("__own", 1, 1), context)))
                .isEqualTo(Code.INVALID_TOPIC_NAME);
        var internal =
                new CreateTopic(
                        ID,
                        "__own",
                        OptionalInt.of(1),
                        OptionalInt.of(1),
                        new TreeMap<>(),
                        false,
                        true);
        assertThat(accepted(TopicCreation.decide(internal, context)).records()).isNotEmpty();
    }

    @Test
    void refusesATopicThatExistsUnlessItIsTheSameRequestAgain() {
        // Given
        var image = Brokers.live(1);
        var first = createTopic("orders", 2, 1);
        var after = image.with(accepted(TopicCreation.decide(first, allLive(image))).records());
        var other = command("orders", OptionalInt.of(1), OptionalInt.of(1), Map.of());

        // When
        var again = accepted(TopicCreation.decide(first, allLive(after)));

        // Then
        assertThat(again.records()).isEmpty();
        assertThat(((TopicMade) again.result()).partitions()).hasSize(2);
        assertThat(refused(TopicCreation.decide(other, allLive(after))))
                .isEqualTo(Code.TOPIC_EXISTS);
    }

    @Test
    void refusesPartitionCountsThatCannotBe() {
        var context = allLive(Brokers.live(1));

        assertThat(refused(TopicCreation.decide(createTopic("a", 0, 1), context)))
                .isEqualTo(Code.INVALID_PARTITIONS);
        assertThat(refused(TopicCreation.decide(createTopic("a", -5, 1), context)))
                .isEqualTo(Code.INVALID_PARTITIONS);
        assertThat(refused(TopicCreation.decide(createTopic("a", 2_001, 1), context)))
                .isEqualTo(Code.LIMIT_EXCEEDED);
        assertThat(refused(TopicCreation.decide(createTopic("a", Integer.MAX_VALUE, 1), context)))
                .isEqualTo(Code.LIMIT_EXCEEDED);
    }

    @Test
    void refusesMoreReplicasThanABrokerMayHold() {
        // Given
        var image = Brokers.live(1);
        for (var i = 0; i < 5; i++) {
            var create = createTopic("t" + i, 2_000, 1);
            image = image.with(accepted(TopicCreation.decide(create, allLive(image))).records());
        }

        // When, Then
        assertThat(refused(TopicCreation.decide(createTopic("one", 1, 1), allLive(image))))
                .isEqualTo(Code.LIMIT_EXCEEDED);
    }

    @Test
    void refusesMoreReplicasThanLiveBrokers() {
        // Given: of four brokers one is fenced and one is stopping.
        var image =
                Brokers.live(4)
                        .with(List.of(new BrokerFenced(4, 4), new BrokerShutdownStarted(3, 3)));

        // When, Then
        assertThat(refused(TopicCreation.decide(createTopic("a", 1, 3), allLive(image))))
                .isEqualTo(Code.INVALID_REPLICATION_FACTOR);
        assertThat(refused(TopicCreation.decide(createTopic("a", 1, 0), allLive(image))))
                .isEqualTo(Code.INVALID_REPLICATION_FACTOR);
        assertThat(replicasOf(createTopic("a", 1, 2), image)).containsExactly(1, 2);
        assertThat(
                        refused(
                                TopicCreation.decide(
                                        command(
                                                "a",
                                                OptionalInt.empty(),
                                                OptionalInt.empty(),
                                                Map.of()),
                                        allLive(ClusterImage.EMPTY))))
                .isEqualTo(Code.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void placesNothingOnABrokerWithoutAWorkingDirectory() {
        var failed = Brokers.live(2).with(List.of(new DirectoryFailed(1, Brokers.directory(1))));

        assertThat(replicasOf(createTopic("orders", 1, 1), failed)).containsExactly(2);
        assertThat(refused(TopicCreation.decide(createTopic("orders", 1, 2), allLive(failed))))
                .isEqualTo(Code.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void refusesBadConfiguration() {
        var context = allLive(Brokers.live(1));
        var unknown = command("a", OptionalInt.of(1), OptionalInt.of(1), Map.of("nope", "1"));
        var bad = command("a", OptionalInt.of(1), OptionalInt.of(1), Map.of("segment.ms", "x"));

        assertThat(refused(TopicCreation.decide(unknown, context))).isEqualTo(Code.INVALID_CONFIG);
        assertThat(refused(TopicCreation.decide(bad, context))).isEqualTo(Code.INVALID_CONFIG);
    }

    @Test
    void validatingChangesNothingAndShowsThePlacement() {
        // Given
        var validate =
                new CreateTopic(
                        ID,
                        "orders",
                        OptionalInt.of(3),
                        OptionalInt.of(1),
                        new TreeMap<>(),
                        true,
                        false);

        // When
        var decision = accepted(TopicCreation.decide(validate, allLive(Brokers.live(1))));

        // Then
        assertThat(decision.records()).isEmpty();
        assertThat(((TopicMade) decision.result()).partitions()).hasSize(3);
    }

    private static CreateTopic command(
            String name, OptionalInt partitions, OptionalInt rf, Map<String, String> configs) {
        return new CreateTopic(ID, name, partitions, rf, new TreeMap<>(configs), false, false);
    }

    private static List<Integer> replicasOf(CreateTopic command, ClusterImage image) {
        var made = (TopicMade) accepted(TopicCreation.decide(command, allLive(image))).result();
        return made.partitions().getFirst().replicas();
    }
}
