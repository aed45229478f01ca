// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.ControllerEvent.HeartbeatReceived;
import dev.weir.metadata.controller.core.ControllerEvent.ProbeFinished;
import dev.weir.metadata.image.BrokersImage;
import dev.weir.metadata.record.BrokerFenced;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.UUID;

class BrokerSessionsTest {

    private static final BrokersImage BROKERS = Brokers.live(3).brokers();
    private static final long TIMEOUT = ControllerSettings.DEFAULT.sessionTimeoutMs();
    private static final long TICK = ControllerSettings.DEFAULT.tickMs();

    private final BrokerSessions sessions = new BrokerSessions(ControllerSettings.DEFAULT);
    private long nowMs = 10_000;

    BrokerSessionsTest() {
        sessions.start(nowMs);
    }

    @Test
    void aStreamOfTheRegisteredProcessMakesABrokerLive() {
        open(1);
        sessions.opened(2, new UUID(0, 0), nowMs);

        assertThat(sessions.live(BROKERS)).containsExactly(1);
    }

    @Test
    void aBrokerThatStaysSilentForTheTimeoutIsEnded() {
        // Given
        open(1);
        open(2);

        // When
        pass(TIMEOUT - TICK);
        beat(2, 0, 0);
        pass(2 * TICK);

        // Then
        assertThat(sessions.ended(BROKERS)).containsExactly(1);
        assertThat(sessions.live(BROKERS)).containsExactly(2);
    }

    @Test
    void aHeartbeatAfterTheEndOpensANewSession() {
        // Given
        open(1);
        pass(TIMEOUT + TICK);

        // When
        var isNew = beat(1, 0, 0);

        // Then
        assertThat(isNew).isTrue();
        assertThat(sessions.ended(BROKERS)).isEmpty();
        assertThat(sessions.live(BROKERS)).containsExactly(1);
    }

    @Test
    void aLateTimerAddsItsPauseToEverySession() {
        // Given
        open(1);
        pass(TIMEOUT - 5 * TICK);

        // When: the controller stands still for far longer than the timeout.
        nowMs += 10 * TIMEOUT;
        sessions.tick(BROKERS, nowMs);

        // Then
        assertThat(sessions.ended(BROKERS)).isEmpty();
        pass(3 * TICK);
        assertThat(sessions.ended(BROKERS)).isEmpty();
        pass(3 * TICK);
        assertThat(sessions.ended(BROKERS)).containsExactly(1);
    }

    @Test
    void aLateTimerAddsItsPauseToThoseWhoAreWaitedForToo() {
        // Given
        open(1);
        close(1);

        // When
        nowMs += 10 * TIMEOUT;
        sessions.tick(BROKERS, nowMs);

        // Then
        assertThat(sessions.ended(BROKERS)).isEmpty();
    }

    @Test
    void aClosedStreamIsProbedAndARefusedProbeEndsTheSessionAtOnce() {
        // Given
        open(1);

        // When
        var probe = close(1);

        // Then
        assertThat(probe.incarnation()).isEqualTo(incarnation(1));
        assertThat(sessions.live(BROKERS)).isEmpty();
        assertThat(sessions.ended(BROKERS)).isEmpty();
        sessions.probed(new ProbeFinished(probe.probeId(), 1, true));
        assertThat(sessions.ended(BROKERS)).containsExactly(1);
    }

    @Test
    void aBrokerThatAnswersTheProbeHasTheTimeoutToComeBack() {
        // Given
        open(1);
        var probe = close(1);
        sessions.probed(new ProbeFinished(probe.probeId(), 1, false));

        // When, Then
        pass(TIMEOUT);
        assertThat(sessions.ended(BROKERS)).isEmpty();
        pass(TICK);
        assertThat(sessions.ended(BROKERS)).containsExactly(1);
    }

    @Test
    void aProbeResultDoesNotCountOnceAStreamHasCome() {
        // Given
        open(1);
        var first = close(1);
        open(1);

        // When
        sessions.probed(new ProbeFinished(first.probeId(), 1, true));

        // Then
        assertThat(sessions.ended(BROKERS)).isEmpty();
        close(1);
        sessions.probed(new ProbeFinished(first.probeId(), 1, true));
        assertThat(sessions.ended(BROKERS)).as("an old probe of a new absence").isEmpty();
    }

    @Test
    void aHangingStreamOfAnEarlierProcessDoesNotHideThatTheRegisteredOneIsGone() {
        // Given
        open(1);
        sessions.opened(1, new UUID(0, 0), nowMs);
        pass(TIMEOUT - TICK);
        assertThat(beat(1, 0, 0)).isFalse();
        close(1);

        // When: the earlier process is silent for the timeout, and the registered one a little
        // later.
        pass(2 * TICK);
        assertThat(sessions.ended(BROKERS)).isEmpty();
        pass(TIMEOUT);

        // Then
        assertThat(sessions.ended(BROKERS)).containsExactly(1);
    }

    @Test
    void aReconnectingBrokerIsLiveUntilItsLastStreamCloses() {
        // Given
        open(1);
        open(1);

        // When, Then
        assertThat(sessions.closed(1, incarnation(1), BROKERS, nowMs)).isEmpty();
        assertThat(sessions.live(BROKERS)).containsExactly(1);
        assertThat(sessions.closed(1, incarnation(1), BROKERS, nowMs)).isPresent();
        assertThat(sessions.live(BROKERS)).isEmpty();
    }

    @Test
    void aNewControllerProbesUnfencedBrokersItHasNotHeardOf() {
        // Given
        open(1);
        var brokers = Brokers.live(3).with(List.of(new BrokerFenced(3, 3))).brokers();

        // When
        var probes = sessions.probeUnknown(brokers, nowMs);

        // Then
        assertThat(probes).hasSize(1);
        assertThat(((ControllerEffect.Probe) probes.getFirst()).nodeId()).isEqualTo(2);
        assertThat(sessions.probeUnknown(brokers, nowMs)).as("once").isEmpty();
    }

    @Test
    void workOlderThanTheTimeoutMakesABrokerOverloaded() {
        // Given
        open(1);

        // When, Then
        assertThat(beat(1, 0, TIMEOUT)).isFalse();
        assertThat(sessions.overloaded(BROKERS)).isEmpty();
        assertThat(beat(1, 0, TIMEOUT + 1)).isTrue();
        assertThat(sessions.overloaded(BROKERS)).containsExactly(1);
        assertThat(beat(1, 0, 0)).isTrue();
        assertThat(sessions.overloaded(BROKERS)).isEmpty();
    }

    private void open(int nodeId) {
        sessions.opened(nodeId, incarnation(nodeId), nowMs);
    }

    private ControllerEffect.Probe close(int nodeId) {
        var probe = sessions.closed(nodeId, incarnation(nodeId), BROKERS, nowMs);
        return (ControllerEffect.Probe) probe.orElseThrow();
    }

    private boolean beat(int nodeId, long offset, long oldestWorkMs) {
        return sessions.heard(
                new HeartbeatReceived(nodeId, incarnation(nodeId), offset, oldestWorkMs), nowMs);
    }

    private void pass(long ms) {
        for (var passed = 0L; passed < ms; passed += TICK) {
            nowMs += TICK;
            sessions.tick(BROKERS, nowMs);
        }
    }
}
