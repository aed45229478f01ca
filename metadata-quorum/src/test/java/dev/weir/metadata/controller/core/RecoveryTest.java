// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.directory;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.register;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.controller.core.ControllerCommand.ReportLogEnds;
import dev.weir.metadata.controller.core.ControllerEvent.HeartbeatReceived;
import dev.weir.metadata.controller.core.ControllerEvent.ProbeFinished;
import dev.weir.metadata.controller.core.ControllerEvent.StreamClosed;
import dev.weir.metadata.controller.core.ControllerEvent.StreamOpened;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;

/// Power losses under `durability=replicated`, through the whole controller.
class RecoveryTest {

    private static final UUID TOPIC = new UUID(8, 8);
    private static final TopicPartition P0 = new TopicPartition(TOPIC, 0);

    private final OneNodeLog log = OneNodeLog.withBrokers(3);

    RecoveryTest() {
        var configs = new TreeMap<String, String>();
        configs.put("durability", "replicated");
        log.submit(
                new ControllerCommand.CreateTopic(
                        TOPIC,
                        "orders",
                        OptionalInt.of(1),
                        OptionalInt.of(3),
                        configs,
                        false,
                        false));
        log.commitAll();
    }

    @Test
    void aDroppedMemberIsForgottenOnceTheLeaderIsHeardInItsEpoch() {
        // Given: the leader 1 loses power; another member leads.
        var next = restartUncleanly(1);
        assertThat(partition().recovering()).containsExactly(1);
        var leader = partition().leader().getAsInt();
        assertThat(leader).isNotEqualTo(1);

        // When: it beats, but from an image that does not show its election.
        beat(leader, 1);

        // Then
        assertThat(partition().recovering()).containsExactly(1);
        beat(leader, log.image.offset());
        assertThat(partition().recovering()).isEmpty();
        assertThat(partition().leader()).hasValue(leader);
        assertThat(log.image.brokers().broker(1).orElseThrow().incarnation()).isEqualTo(next);
    }

    @Test
    void whenAllLostPowerTheLongestLeadsAfterAllHaveReported() {
        // Given: nobody was heard in between.
        var incarnations = List.of(restartUncleanly(1), restartUncleanly(2), restartUncleanly(3));
        assertThat(partition().isr()).isEmpty();
        assertThat(partition().elr()).isEmpty();
        assertThat(partition().recovering()).containsExactlyInAnyOrder(1, 2, 3);
        for (var node = 1; node <= 3; node++) {
            log.on(new StreamOpened(node, incarnations.get(node - 1)));
        }
        log.commitAll();
        assertThat(partition().leader()).isEmpty();

        // When
        report(1, incarnations.get(0), new LogEnd(3, 10));
        report(3, incarnations.get(2), new LogEnd(2, 99));
        assertThat(partition().leader()).as("2 is missing").isEmpty();
        report(2, incarnations.get(1), new LogEnd(3, 11));

        // Then
        assertThat(partition().leader()).hasValue(2);
        assertThat(partition().isr()).containsExactly(2);
        assertThat(partition().recovering()).isEmpty();
    }

    private UUID restartUncleanly(int node) {
        log.on(new StreamClosed(node, incarnation(node)));
        var probe =
                log.effects.stream()
                        .filter(ControllerEffect.Probe.class::isInstance)
                        .map(ControllerEffect.Probe.class::cast)
                        .reduce((_, last) -> last)
                        .orElseThrow();
        var next = new UUID(500, node);
        var number =
                log.image.brokers().broker(node).orElseThrow().registration().registrationNumber();
        log.submit(register(node, next, number, false, directory(node)));
        log.commitAll();
        log.on(new ProbeFinished(probe.probeId(), node, true));
        log.commitAll();
        return next;
    }

    private void beat(int node, long offset) {
        log.on(new HeartbeatReceived(node, incarnation(node), offset, 0));
        log.commitAll();
    }

    private void report(int node, UUID incarnation, LogEnd end) {
        var ends = new TreeMap<TopicPartition, LogEnd>();
        ends.put(P0, end);
        log.submit(new ReportLogEnds(node, incarnation, ends));
        log.commitAll();
    }

    private PartitionState partition() {
        return log.image.topics().partition(P0).orElseThrow();
    }
}
