// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.P0;
import static dev.weir.metadata.controller.core.Brokers.context;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.PartitionState;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

class LeaderElectorTest {

    private static final PartitionState ALL_IN_SYNC = partition(3, List.of(1, 2, 3), List.of());

    @Test
    void leavesAPartitionWhoseMembersAreLiveAlone() {
        assertThat(repaired(withPartition(Brokers.live(3), ALL_IN_SYNC), 1, 2, 3)).isEmpty();
    }

    @Test
    void aFencedLeaderIsFollowedByALiveIsrMember() {
        // Given
        var image = fence(withPartition(Brokers.live(3), ALL_IN_SYNC), 1);

        // When
        var next = repaired(image, 2, 3).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2, 3);
        assertThat(next.elr()).as("the minimum of 2 is still met").isEmpty();
        assertThat(next.leaderEpoch()).isEqualTo(6);
        assertThat(next.partitionEpoch()).isEqualTo(9);
    }

    @Test
    void whoLeavesAnIsrBelowTheMinimumEntersTheElr() {
        // Given
        var image = fence(withPartition(Brokers.live(3), ALL_IN_SYNC), 1, 2);

        // When
        var next = repaired(image, 3).orElseThrow();

        // Then
        assertThat(next.isr()).containsExactly(3);
        assertThat(next.elr()).containsExactly(1, 2);
        assertThat(next.leader()).hasValue(3);
    }

    @Test
    void aStoppingMemberLeavesWhileTheMinimumIsMetWithoutIt() {
        // Given
        var three = stopping(withPartition(Brokers.live(3), ALL_IN_SYNC), 2);
        var two = partition(3, List.of(1, 2), List.of());

        // When
        var next = repaired(three, 1, 2, 3).orElseThrow();

        // Then
        assertThat(next.isr()).containsExactly(1, 3);
        assertThat(next.leader()).hasValue(1);
        assertThat(repaired(stopping(withPartition(Brokers.live(3), two), 2), 1, 2, 3)).isEmpty();
    }

    @Test
    void aStoppingLeaderHandsOverAndLeavesInOneChange() {
        // Given
        var image = stopping(withPartition(Brokers.live(3), ALL_IN_SYNC), 1);

        // When
        var next = repaired(image, 1, 2, 3).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2, 3);
        assertThat(next.leaderEpoch()).isEqualTo(6);
    }

    @Test
    void aStoppingMemberStaysWhenNobodyElseCouldLead() {
        // Given: the others are not fenced, but their streams are down.
        var image = stopping(withPartition(Brokers.live(3), ALL_IN_SYNC), 1);

        assertThat(repaired(image, 1)).isEmpty();
    }

    private static ClusterImage stopping(ClusterImage image, int nodeId) {
        var number = image.brokers().broker(nodeId).orElseThrow().registration();
        return image.with(List.of(new BrokerShutdownStarted(nodeId, number.registrationNumber())));
    }

    @Test
    void aFencedMemberStaysWhileNoOtherMemberHasALiveStream() {
        // Given: 2 is not fenced, but its stream is down too.
        var isr = partition(3, List.of(1, 2), List.of());
        var image = fence(withPartition(Brokers.live(3), isr), 1);

        // When
        var next = repaired(image, 3).orElseThrow();

        // Then
        assertThat(next.isr()).containsExactly(1, 2);
        assertThat(next.leader()).isEmpty();
        assertThat(next.leaderEpoch()).isEqualTo(6);
    }

    @Test
    void aLeaderWhoseStreamIsMerelyDownKeepsLeading() {
        var image = withPartition(Brokers.live(3), partition(3, List.of(1), List.of(2)));

        assertThat(repaired(image, 2, 3)).isEmpty();
    }

    @Test
    void withoutALiveIsrMemberALiveElrMemberLeadsAndTheOldIsrIsEligible() {
        // Given
        var image = fence(withPartition(Brokers.live(3), partition(3, List.of(1), List.of(2))), 1);

        // When
        var next = repaired(image, 2, 3).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).containsExactly(1);
    }

    @Test
    void theFirstMemberToReturnLeads() {
        // Given
        var nobody = partition(3, List.of(1, 2), List.of(3), List.of(), OptionalInt.empty());
        var image = withPartition(Brokers.live(3), nobody);

        // When, Then
        assertThat(repaired(fence(image, 1, 2, 3))).isEmpty();
        var byIsr = repaired(fence(image, 1, 3), 2).orElseThrow();
        assertThat(byIsr.leader()).hasValue(2);
        assertThat(byIsr.isr()).containsExactly(2);
        assertThat(byIsr.elr()).containsExactly(1, 3);
        var byElr = repaired(fence(image, 1, 2), 3).orElseThrow();
        assertThat(byElr.leader()).hasValue(3);
        assertThat(byElr.elr()).containsExactly(1, 2);
    }

    @Test
    void anIsrThatMeetsTheMinimumEmptiesTheElr() {
        // Given: a minimum of one
        var image =
                fence(withPartition(Brokers.live(3), ALL_IN_SYNC), 1)
                        .with(
                                List.of(
                                        new ConfigSet(
                                                new ConfigScope.Topic(Brokers.TOPIC),
                                                ConfigKeys.MIN_INSYNC_REPLICAS.name(),
                                                "1")));

        // When, Then
        assertThat(repaired(image, 2, 3).orElseThrow().elr()).isEmpty();
    }

    /// Alone it commits, so that nobody else can be known to hold everything.
    @Test
    void anEligibleMemberThatIsEnoughByItselfLeavesNobodyElectable() {
        // Given: a minimum of one
        var state = partition(3, List.of(1), List.of(2, 3));
        var image =
                fence(withPartition(Brokers.live(3), state), 1, 3)
                        .with(
                                List.of(
                                        new ConfigSet(
                                                new ConfigScope.Topic(Brokers.TOPIC),
                                                ConfigKeys.MIN_INSYNC_REPLICAS.name(),
                                                "1")));

        // When
        var next = repaired(image, 2).orElseThrow();

        // Then
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).isEmpty();
    }

    @Test
    void theOnlyRecoveringMemberLeadsWhenItReturns() {
        // Given
        var lost = partition(1, List.of(), List.of(), List.of(1), OptionalInt.empty());
        var image = withPartition(Brokers.live(1), lost);

        // When
        var next = repaired(image, 1).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(1);
        assertThat(next.isr()).containsExactly(1);
        assertThat(next.recovering()).isEmpty();
    }

    @Test
    void theLongestOfAllRecoveringMembersLeadsOnceAllAreLiveAndHaveReported() {
        // Given
        var lost = partition(3, List.of(), List.of(), List.of(1, 2, 3), OptionalInt.empty());
        var image = withPartition(Brokers.live(3), lost);
        var all = context(image, 1, 2, 3);
        all.logEnds().put(P0, 1, incarnation(1), new LogEnd(4, 100));
        all.logEnds().put(P0, 2, incarnation(2), new LogEnd(5, 50));

        // When, Then
        assertThat(LeaderElector.repaired(P0, lost, all)).as("3 has not reported").isEmpty();
        all.logEnds().put(P0, 3, incarnation(9), new LogEnd(5, 90));
        assertThat(LeaderElector.repaired(P0, lost, all)).as("another process").isEmpty();
        all.logEnds().put(P0, 3, incarnation(3), new LogEnd(5, 60));
        assertThat(LeaderElector.repaired(P0, lost, all).orElseThrow().leader()).hasValue(3);
        var oneDown =
                new DecisionContext(
                        image,
                        new TreeSet<>(List.of(2, 3)),
                        new TreeSet<>(),
                        all.logEnds(),
                        all.offline(),
                        all.settings(),
                        all.configRules());
        assertThat(LeaderElector.repaired(P0, lost, oneDown)).as("1 is not live").isEmpty();
    }

    @Test
    void aStuckOrStoppingLeaderHandsOverOnlyToAMemberThatIsNeither() {
        // Given
        var image = withPartition(Brokers.live(3), ALL_IN_SYNC);
        var stopping = image.with(List.of(new BrokerShutdownStarted(1, 1)));

        // When, Then
        assertThat(repaired(stopping, 1, 2, 3).orElseThrow().leader()).hasValue(2);
        assertThat(overloaded(image, 1, 2).orElseThrow().leader()).hasValue(3);
        assertThat(overloaded(image, 1, 2, 3)).isEmpty();
        assertThat(overloaded(image, 2, 3)).isEmpty();
    }

    @Test
    void aMemberWhoseDirectoryFailedLeavesWithoutBecomingEligible() {
        // Given: ISR {1, 2} of three, so that leaving puts the ISR below the minimum
        var image =
                withPartition(Brokers.live(3), partition(3, List.of(1, 2), List.of()))
                        .with(List.of(new DirectoryFailed(1, Brokers.directory(1))));

        // When
        var next = repaired(image, 1, 2, 3).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).isEmpty();
    }

    @Test
    void anEligibleMemberLeadsWithoutKeepingAMemberWhoseDirectoryFailed() {
        // Given: the only ISR member failed; 3, eligible too, is merely down
        var image =
                fence(withPartition(Brokers.live(3), partition(3, List.of(1), List.of(2, 3))), 3)
                        .with(List.of(new DirectoryFailed(1, Brokers.directory(1))));

        // When
        var next = repaired(image, 1, 2).orElseThrow();

        // Then
        assertThat(next.leader()).hasValue(2);
        assertThat(next.isr()).containsExactly(2);
        assertThat(next.elr()).containsExactly(3);
    }

    @Test
    void anElrBesideALargeEnoughIsrIsCleared() {
        // Given
        var healthy = withPartition(Brokers.live(3), partition(3, List.of(1, 2), List.of(3)));
        var small = withPartition(Brokers.live(3), partition(3, List.of(1), List.of(3)));

        // When
        var next = repaired(healthy, 1, 2, 3).orElseThrow();

        // Then
        assertThat(next.elr()).isEmpty();
        assertThat(next.isr()).containsExactly(1, 2);
        assertThat(next.leader()).hasValue(1);
        assertThat(next.leaderEpoch()).isEqualTo(5);
        assertThat(repaired(small, 1, 2, 3)).isEmpty();
    }

    @Test
    void theOnlyMemberKeepsItsSeatWhenItsDirectoryFails() {
        // Given
        var image =
                withPartition(Brokers.live(1), partition(1, List.of(1), List.of()))
                        .with(List.of(new DirectoryFailed(1, Brokers.directory(1))));

        // When
        var next = repaired(image, 1).orElseThrow();

        // Then
        assertThat(next.leader()).isEmpty();
        assertThat(next.isr()).containsExactly(1);
    }

    private static Optional<PartitionState> repaired(ClusterImage image, Integer... streams) {
        return LeaderElector.repaired(P0, Brokers.p0(image), context(image, streams));
    }

    private static Optional<PartitionState> overloaded(ClusterImage image, Integer... stuck) {
        var base = context(image, 1, 2, 3);
        var context =
                new DecisionContext(
                        image,
                        base.streams(),
                        new TreeSet<>(List.of(stuck)),
                        base.logEnds(),
                        base.offline(),
                        base.settings(),
                        base.configRules());
        return LeaderElector.repaired(P0, Brokers.p0(image), context);
    }

    private static ClusterImage fence(ClusterImage image, int... nodes) {
        var fenced = image;
        for (var node : nodes) {
            fenced = fenced.with(List.of(new BrokerFenced(node, node)));
        }
        return fenced;
    }
}
