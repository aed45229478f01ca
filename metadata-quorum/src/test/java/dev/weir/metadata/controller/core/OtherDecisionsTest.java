// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.P0;
import static dev.weir.metadata.controller.core.Brokers.TOPIC;
import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.context;
import static dev.weir.metadata.controller.core.Brokers.directory;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.p0;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.refused;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.CommandResult.Elected;
import dev.weir.metadata.controller.core.CommandResult.ProducerIds;
import dev.weir.metadata.controller.core.CommandResult.ShutdownProgress;
import dev.weir.metadata.controller.core.CommandResult.TopicGone;
import dev.weir.metadata.controller.core.CommandResult.TopicMade;
import dev.weir.metadata.controller.core.ControllerCommand.AllocateProducerIds;
import dev.weir.metadata.controller.core.ControllerCommand.AlterConfigs;
import dev.weir.metadata.controller.core.ControllerCommand.AlterTopic;
import dev.weir.metadata.controller.core.ControllerCommand.ConfigTarget;
import dev.weir.metadata.controller.core.ControllerCommand.DeleteTopic;
import dev.weir.metadata.controller.core.ControllerCommand.ElectLeaders;
import dev.weir.metadata.controller.core.ControllerCommand.ElectionKind;
import dev.weir.metadata.controller.core.ControllerCommand.ReportFailedDirectory;
import dev.weir.metadata.controller.core.ControllerCommand.StartShutdown;
import dev.weir.metadata.controller.core.ControllerCommand.TopicRef;
import dev.weir.metadata.controller.core.ControllerCommand.UnregisterBroker;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.PartitionState;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

class OtherDecisionsTest {

    private static final ConfigScope OF_TOPIC = new ConfigScope.Topic(TOPIC);
    private static final ConfigScope CLUSTER = new ConfigScope.Cluster();
    private static final TopicRef ORDERS = new TopicRef.ByName("orders");

    private static final ClusterImage IMAGE =
            withPartition(Brokers.live(3), partition(3, List.of(1, 2, 3), List.of()));

    @Test
    void deletesATopicByNameOrId() {
        for (var topic : List.of(ORDERS, new TopicRef.ById(TOPIC))) {
            // When
            var decision = accepted(decide(new DeleteTopic(topic), IMAGE));

            // Then
            assertThat(IMAGE.with(decision.records()).topics().all()).isEmpty();
            assertThat(decision.result()).isEqualTo(new TopicGone(TOPIC, "orders"));
        }
        assertThat(refused(decide(new DeleteTopic(new TopicRef.ByName("x")), IMAGE)))
                .isEqualTo(Code.UNKNOWN_TOPIC);
        assertThat(refused(decide(new DeleteTopic(new TopicRef.ById(new UUID(0, 0))), IMAGE)))
                .isEqualTo(Code.UNKNOWN_TOPIC_ID);
    }

    @Test
    void partitionsGrowAndNeverShrink() {
        // When
        var decision = accepted(decide(alterTopic(4, Map.of()), IMAGE));

        // Then
        var after = IMAGE.with(decision.records());
        assertThat(after.topics().topic(TOPIC).orElseThrow().partitions()).hasSize(4);
        assertThat(((TopicMade) decision.result()).firstPartition()).isEqualTo(1);
        assertThat(p0(after)).isEqualTo(p0(IMAGE));
        assertThat(accepted(decide(alterTopic(1, Map.of()), IMAGE)).records()).isEmpty();
        assertThat(refused(decide(alterTopic(0, Map.of()), IMAGE)))
                .isEqualTo(Code.INVALID_PARTITIONS);
        assertThat(refused(decide(alterTopic(3_000, Map.of()), IMAGE)))
                .isEqualTo(Code.LIMIT_EXCEEDED);
        var fewer = IMAGE.with(List.of(new BrokerFenced(3, 3)));
        assertThat(refused(decide(alterTopic(2, Map.of()), fewer)))
                .isEqualTo(Code.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void aTopicIsAlteredAsAWholeOrNotAtAll() {
        var bad = Map.of("segment.ms", Optional.of("x"));

        assertThat(refused(decide(alterTopic(4, bad), IMAGE))).isEqualTo(Code.INVALID_CONFIG);
    }

    @Test
    void setsAndRemovesConfiguration() {
        // Given
        var set = configs(OF_TOPIC, Map.of("segment.ms", Optional.of("7")));
        var remove = configs(OF_TOPIC, Map.of("segment.ms", Optional.empty()));

        // When
        var with = IMAGE.with(accepted(decide(set, IMAGE)).records());

        // Then
        assertThat(with.configs().own(OF_TOPIC, "segment.ms")).contains("7");
        assertThat(accepted(decide(set, with)).records()).as("no change").isEmpty();
        assertThat(with.with(accepted(decide(remove, with)).records())).isEqualTo(IMAGE);
        assertThat(accepted(decide(remove, IMAGE)).records()).as("nothing to remove").isEmpty();
    }

    @Test
    void refusesBadConfiguration() {
        var unknownTopic = new ConfigScope.Topic(new UUID(0, 0));
        var bySize = Map.of("segment.bytes", Optional.of("1"));
        var byTypo = Map.of("segment.byte", Optional.<String>empty());
        var fine = Map.of("segment.ms", Optional.of("1"));

        assertThat(refused(decide(configs(OF_TOPIC, bySize), IMAGE)))
                .isEqualTo(Code.INVALID_CONFIG);
        assertThat(refused(decide(configs(OF_TOPIC, byTypo), IMAGE)))
                .isEqualTo(Code.INVALID_CONFIG);
        assertThat(refused(decide(configs(unknownTopic, fine), IMAGE)))
                .isEqualTo(Code.UNKNOWN_TOPIC_ID);
        assertThat(refused(decide(configs(new ConfigScope.Broker(9), fine), IMAGE)))
                .isEqualTo(Code.UNKNOWN_BROKER);
        assertThat(
                        refused(
                                decide(
                                        new AlterConfigs(
                                                new ConfigTarget.OfTopic("x"),
                                                new TreeMap<>(fine),
                                                false),
                                        IMAGE)))
                .isEqualTo(Code.UNKNOWN_TOPIC);
    }

    @Test
    void aLowerMinimumEmptiesTheElrWhereTheIsrMeetsItNow() {
        // Given
        var image = withPartition(Brokers.live(3), partition(3, List.of(1), List.of(2, 3)));

        for (var scope : List.of(OF_TOPIC, CLUSTER)) {
            // When
            var one = configs(scope, Map.of("min.insync.replicas", Optional.of("1")));
            var three = configs(scope, Map.of("min.insync.replicas", Optional.of("3")));

            // Then
            assertThat(p0(image.with(accepted(decide(one, image)).records())).elr()).isEmpty();
            assertThat(p0(image.with(accepted(decide(three, image)).records())).elr())
                    .containsExactly(2, 3);
        }
    }

    @Test
    void aChangeToFsyncIsUnprovenAndOneToReplicatedCountsAtOnce() {
        // Given
        var relax = configs(CLUSTER, Map.of("durability", Optional.of("replicated")));
        var tighten = configs(OF_TOPIC, Map.of("durability", Optional.of("fsync")));

        // When
        var relaxed = IMAGE.with(accepted(decide(relax, IMAGE)).records());
        var tightened = relaxed.with(accepted(decide(tighten, relaxed)).records());
        var again = tightened.with(accepted(decide(relaxTopic(), tightened)).records());

        // Then
        assertThat(p0(relaxed)).isEqualTo(p0(IMAGE));
        assertThat(p0(tightened).fsyncUnproven()).isTrue();
        assertThat(p0(tightened).partitionEpoch()).isEqualTo(9);
        assertThat(p0(again).fsyncUnproven()).isFalse();
    }

    @Test
    void producerIdsComeInBlocksThatNeverOverlap() {
        // Given
        var ask = new AllocateProducerIds(1, incarnation(1));

        // When
        var first = accepted(decide(ask, IMAGE));
        var second = accepted(decide(ask, IMAGE.with(first.records())));

        // Then
        assertThat(first.result()).isEqualTo(new ProducerIds(0, 1_000));
        assertThat(second.result()).isEqualTo(new ProducerIds(1_000, 1_000));
        assertThat(refused(decide(new AllocateProducerIds(1, new UUID(0, 0)), IMAGE)))
                .isEqualTo(Code.STALE_INCARNATION);
        assertThat(refused(decide(new AllocateProducerIds(9, incarnation(9)), IMAGE)))
                .isEqualTo(Code.UNKNOWN_BROKER);
    }

    @Test
    void onlyAFencedBrokerWithoutReplicasIsRemoved() {
        var empty = Brokers.live(2);
        var fenced = empty.with(List.of(new BrokerFenced(2, 2)));
        var holding = IMAGE.with(List.of(new BrokerFenced(2, 2)));

        assertThat(refused(decide(new UnregisterBroker(2), empty))).isEqualTo(Code.BROKER_IN_USE);
        assertThat(refused(decide(new UnregisterBroker(2), holding))).isEqualTo(Code.BROKER_IN_USE);
        assertThat(refused(decide(new UnregisterBroker(9), empty))).isEqualTo(Code.UNKNOWN_BROKER);
        var removed = fenced.with(accepted(decide(new UnregisterBroker(2), fenced)).records());
        assertThat(removed.brokers().broker(2)).isEmpty();
    }

    @Test
    void aStoppingBrokerHandsItsLeadershipsOver() {
        // Given
        var stop = new StartShutdown(1, incarnation(1));
        var alone = withPartition(Brokers.live(1), partition(1, List.of(1), List.of()));

        // When
        var decision = accepted(decide(stop, IMAGE));

        // Then
        var after = IMAGE.with(decision.records());
        assertThat(p0(after).leader()).hasValue(2);
        assertThat(decision.result()).isEqualTo(new ShutdownProgress(0));
        assertThat(accepted(decide(stop, after)).records()).isEmpty();
        assertThat(accepted(decide(stop, alone)).result()).isEqualTo(new ShutdownProgress(1));
        assertThat(refused(decide(new StartShutdown(1, new UUID(0, 0)), IMAGE)))
                .isEqualTo(Code.STALE_INCARNATION);
    }

    @Test
    void aFailedDirectoryTakesItsReplicasOutAndIsRecordedOnce() {
        // Given
        var alone = withPartition(Brokers.live(1), partition(1, List.of(1), List.of()));
        var report = new ReportFailedDirectory(1, incarnation(1), directory(1));

        // When
        var failed = alone.with(accepted(decide(report, alone)).records());

        // Then
        assertThat(p0(failed).leader()).isEmpty();
        assertThat(p0(failed).isr()).containsExactly(1);
        assertThat(accepted(decide(report, failed)).records()).isEmpty();
        assertThat(Upkeep.repairs(context(failed, 1), 10)).isEmpty();
        var wrong = new ReportFailedDirectory(1, incarnation(1), new UUID(0, 0));
        assertThat(refused(decide(wrong, alone))).isEqualTo(Code.WRONG_DIRECTORY);
    }

    @Test
    void thePreferredReplicaLeadsAgainWhenItIsInSyncAndLive() {
        // Given
        var image = withPartition(Brokers.live(3), ledBy(2, List.of(1, 2)));
        var notInSync = withPartition(Brokers.live(3), ledBy(2, List.of(2, 3)));

        // When
        var decision = accepted(decide(elect(ElectionKind.PREFERRED), image));

        // Then
        assertThat(p0(image.with(decision.records())).leader()).hasValue(1);
        assertThat(decision.result()).isEqualTo(new Elected(new TreeSet<>(List.of(P0))));
        assertThat(accepted(decide(elect(ElectionKind.PREFERRED), notInSync)).records()).isEmpty();
        assertThat(accepted(decide(elect(ElectionKind.PREFERRED), IMAGE)).records()).isEmpty();
        assertThat(
                        accepted(
                                        CommandDecider.decide(
                                                elect(ElectionKind.PREFERRED), context(image, 2)))
                                .records())
                .as("its stream is down")
                .isEmpty();
    }

    @Test
    void anUncleanElectionTakesAnyLiveReplicaWhereNobodyLeads() {
        // Given: nobody leads; the ISR's only member is fenced.
        var orphan =
                withPartition(
                                Brokers.live(3),
                                partition(3, List.of(1), List.of(), List.of(), OptionalInt.empty()))
                        .with(List.of(new BrokerFenced(1, 1)));

        // When
        var decision = accepted(decide(elect(ElectionKind.UNCLEAN), orphan));

        // Then
        var next = p0(orphan.with(decision.records()));
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).isEmpty();
        assertThat(accepted(decide(elect(ElectionKind.UNCLEAN), IMAGE)).records())
                .as("it has a leader")
                .isEmpty();
    }

    private static PartitionState ledBy(int leader, List<Integer> isr) {
        return partition(3, isr, List.of(), List.of(), OptionalInt.of(leader));
    }

    private static ElectLeaders elect(ElectionKind kind) {
        return new ElectLeaders(new TreeSet<>(List.of(P0)), kind);
    }

    private static AlterConfigs relaxTopic() {
        return configs(OF_TOPIC, Map.of("durability", Optional.of("replicated")));
    }

    private static AlterConfigs configs(ConfigScope scope, Map<String, Optional<String>> changes) {
        return new AlterConfigs(new ConfigTarget.OfScope(scope), new TreeMap<>(changes), false);
    }

    private static AlterTopic alterTopic(int total, Map<String, Optional<String>> changes) {
        return new AlterTopic(ORDERS, OptionalInt.of(total), new TreeMap<>(changes), false);
    }

    private static Decision decide(ControllerCommand command, ClusterImage image) {
        return CommandDecider.decide(command, allLive(image));
    }
}
