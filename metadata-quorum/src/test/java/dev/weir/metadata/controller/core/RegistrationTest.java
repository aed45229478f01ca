// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.directory;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.p0;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.refused;
import static dev.weir.metadata.controller.core.Brokers.register;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.CommandResult.CurrentRegistration;
import dev.weir.metadata.controller.core.CommandResult.Registered;
import dev.weir.metadata.controller.core.ControllerCommand.RegisterBroker;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

class RegistrationTest {

    private static final UUID NEXT = new UUID(300, 1);

    @Test
    void theFirstRegistrationReplacesNothingAndStartsFenced() {
        // Given
        var image = ClusterImage.EMPTY;

        // When
        var decision =
                accepted(
                        Registration.decide(
                                register(1, NEXT, 0, false, directory(1)), allLive(image)));

        // Then
        var broker = image.with(decision.records()).brokers().broker(1).orElseThrow();
        assertThat(broker.isFenced()).isTrue();
        assertThat(broker.incarnation()).isEqualTo(NEXT);
        assertThat(decision.result()).isEqualTo(new Registered(1));
    }

    @Test
    void aNewProcessNamesTheRegistrationThatItReplaces() {
        // Given: brokers 1 to 3 have the numbers 1 to 3.
        var context = allLive(Brokers.live(3));

        // When, Then
        assertThat(accepted(Registration.current(2, context)).result())
                .isEqualTo(new CurrentRegistration(2));
        assertThat(accepted(Registration.current(9, context)).result())
                .isEqualTo(new CurrentRegistration(0));
        assertThat(decide(register(2, NEXT, 2, true, directory(2)), context).result())
                .isEqualTo(new Registered(4));
        assertThat(refused(Registration.decide(register(2, NEXT, 1, true, directory(2)), context)))
                .isEqualTo(Code.STALE_REGISTRATION);
        assertThat(refused(Registration.decide(register(2, NEXT, 0, true, directory(2)), context)))
                .isEqualTo(Code.STALE_REGISTRATION);
    }

    @Test
    void theSameProcessAgainGetsTheSameAnswer() {
        var again = register(2, incarnation(2), 0, true, directory(2));

        var decision = decide(again, allLive(Brokers.live(3)));

        assertThat(decision.records()).isEmpty();
        assertThat(decision.result()).isEqualTo(new Registered(2));
    }

    @Test
    void refusesABuildThatCannotRunAtTheClustersLevelAndAStolenDirectory() {
        // Given
        var context = allLive(Brokers.live(2));
        var base = register(3, NEXT, 0, true, directory(3));
        var newer =
                new RegisterBroker(
                        3,
                        NEXT,
                        0,
                        base.clientEndpoint(),
                        base.internalEndpoint(),
                        base.rack(),
                        base.directories(),
                        2,
                        3,
                        true,
                        List.of());

        // When, Then
        assertThat(refused(Registration.decide(newer, context)))
                .isEqualTo(Code.UNSUPPORTED_VERSION);
        assertThat(refused(Registration.decide(register(3, NEXT, 0, true, directory(1)), context)))
                .isEqualTo(Code.WRONG_DIRECTORY);
    }

    @Test
    void theSoleBrokerLosesItsLeadershipsUntilItsStreamIsUpAndThenLeadsInAnotherEpoch() {
        // Given
        var image = withPartition(Brokers.live(1), partition(1, List.of(1), List.of()));

        // When
        var registered = after(image, register(1, NEXT, 1, true, directory(1)));

        // Then
        assertThat(p0(registered).leader()).isEmpty();
        assertThat(p0(registered).isr()).containsExactly(1);
        assertThat(p0(registered).leaderEpoch()).isEqualTo(6);

        // When
        var live = registered.with(upkeep(registered, 1));

        // Then
        assertThat(live.brokers().broker(1).orElseThrow().isFenced()).isFalse();
        assertThat(p0(live).leader()).hasValue(1);
        assertThat(p0(live).leaderEpoch()).isEqualTo(7);
    }

    @Test
    void leadershipsMoveToALiveMemberInTheSameBatch() {
        // Given
        var image = withPartition(Brokers.live(3), partition(3, List.of(1, 2, 3), List.of()));

        // When
        var next = p0(after(image, register(1, NEXT, 1, true, directory(1))));

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2, 3);
        assertThat(next.leaderEpoch()).isEqualTo(6);
        assertThat(next.partitionEpoch()).isEqualTo(9);
    }

    @Test
    void aWipedDirectoryLeavesIsrAndElrAndIsReplacedBeforeTheNodeIsUnfenced() {
        // Given
        var wiped = new UUID(200, 99);
        var inIsr = withPartition(Brokers.live(3), partition(3, List.of(1, 2, 3), List.of()));
        var inElr = withPartition(Brokers.live(3), partition(3, List.of(2), List.of(1)));

        // When
        var registered = after(inIsr, register(1, NEXT, 1, false, wiped));

        // Then
        assertThat(p0(registered).isr()).containsExactly(2, 3);
        assertThat(p0(registered).elr()).isEmpty();
        assertThat(p0(registered).recovering()).isEmpty();
        assertThat(p0(after(inElr, register(1, NEXT, 1, false, wiped))).elr()).isEmpty();
        var live = registered.with(upkeep(registered, 1, 2, 3));
        assertThat(p0(live).directoryOf(1)).isEqualTo(wiped);
        assertThat(p0(live).isr()).containsExactly(2, 3);
    }

    @Test
    void anotherBootKeepsMembersOfFsyncTopicsAndDropsThoseOfReplicatedOnes() {
        // Given
        var fsync = withPartition(Brokers.live(1), partition(1, List.of(1), List.of()));
        var replicated =
                fsync.with(
                        List.of(
                                new ConfigSet(
                                        new ConfigScope.Topic(Brokers.TOPIC),
                                        ConfigKeys.DURABILITY.name(),
                                        ConfigKeys.REPLICATED)));
        var otherBoot = register(1, NEXT, 1, false, directory(1));
        var sameBoot = register(1, NEXT, 1, true, directory(1));

        // When, Then
        assertThat(p0(after(fsync, otherBoot)).isr()).containsExactly(1);
        assertThat(p0(after(replicated, sameBoot)).isr()).containsExactly(1);
        var dropped = after(replicated, otherBoot);
        assertThat(p0(dropped).isr()).isEmpty();
        assertThat(p0(dropped).recovering()).containsExactly(1);
        var live = dropped.with(upkeep(dropped, 1));
        assertThat(p0(live).leader()).hasValue(1);
        assertThat(p0(live).recovering()).isEmpty();
    }

    @Test
    void anUnprovenChangeToFsyncCountsAsReplicated() {
        // Given
        var base = partition(1, List.of(1), List.of());
        var unproven = Membership.withFsyncUnproven(base, true);
        var image = withPartition(Brokers.live(1), unproven);

        // When
        var next = p0(after(image, register(1, NEXT, 1, false, directory(1))));

        // Then
        assertThat(next.recovering()).containsExactly(1);
    }

    @Test
    void aBrokerWithAsManyPartitionsAsItMayHoldFitsIntoOneBatch() {
        // Given: three replicas each, high epochs, each in a topic of its own
        var settings = ControllerSettings.DEFAULT;
        var records = new ArrayList<MetadataRecord>();
        for (var i = 0; i < settings.replicasPerBrokerMax(); i++) {
            var topicId = new UUID(i, i);
            records.add(new TopicCreated(topicId, "t" + i));
            records.add(
                    new PartitionCreated(
                            topicId,
                            0,
                            new PartitionState(
                                    List.of(1, 2, 3),
                                    List.of(directory(1), directory(2), directory(3)),
                                    List.of(1, 2),
                                    List.of(3),
                                    List.of(),
                                    OptionalInt.of(1),
                                    1 << 20,
                                    1 << 20,
                                    false)));
        }
        var image = Brokers.live(3).with(records);

        // When
        var decision = decide(register(1, NEXT, 1, false, new UUID(9, 9)), allLive(image));

        // Then
        assertThat(decision.records()).hasSize(1 + settings.replicasPerBrokerMax());
        assertThat(MetadataBatchCodec.encode(new MetadataBatch(1000, 1000, decision.records())))
                .hasSizeLessThanOrEqualTo(MetadataBatch.BYTES_MAX);
    }

    private static Decision.Accept decide(RegisterBroker command, DecisionContext context) {
        return accepted(Registration.decide(command, context));
    }

    private static ClusterImage after(ClusterImage image, RegisterBroker command) {
        return image.with(decide(command, allLive(image)).records());
    }

    private static List<MetadataRecord> upkeep(ClusterImage image, Integer... streams) {
        return Upkeep.next(
                Brokers.context(image, streams),
                new java.util.TreeSet<>(),
                new java.util.TreeSet<>());
    }
}
