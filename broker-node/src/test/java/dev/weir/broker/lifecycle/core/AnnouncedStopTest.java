// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import static dev.weir.broker.lifecycle.core.LifecycleScript.NODE;
import static dev.weir.broker.lifecycle.core.LifecycleScript.PROCESS;
import static dev.weir.broker.lifecycle.core.LifecycleScript.call;
import static dev.weir.broker.lifecycle.core.LifecycleScript.of;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.lifecycle.core.LifecycleEffect.LeadersMoved;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.PartitionChanged;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

class AnnouncedStopTest {

    private final LifecycleScript script = new LifecycleScript();

    @Test
    void goesOnWhenItsOwnImageShowsThatNothingIsLed() {
        joinWithALedPartition();
        var announced = call(stop(10_000));
        assertThat(announced.command())
                .isEqualTo(new ControllerCommand.StartShutdown(NODE, PROCESS));
        var before = script.image();
        moveLeader();

        assertThat(script.committed(announced.callId(), new CommandResult.ShutdownProgress(0)))
                .isEmpty();
        assertThat(script.on(new LifecycleEvent.ImageFollowed(before))).isEmpty();

        assertThat(script.follow()).contains(new LeadersMoved(0));
    }

    @Test
    void asksAgainWhileAnotherLiveNodeCouldStillTakeOver() {
        joinWithALedPartition();
        var announced = call(stop(10_000));

        var effects = script.committed(announced.callId(), new CommandResult.ShutdownProgress(1));

        assertThat(effects).isEmpty();
        var again = of(LifecycleEffect.Call.class, script.pass(50));
        assertThat(again)
                .extracting(LifecycleEffect.Call::command)
                .containsOnly(announced.command());
        assertThat(again).hasSize(1);
    }

    @Test
    void goesOnWhenNobodyElseCanLeadWhatIsLeft() {
        joinWithALedPartition();
        script.apply(new BrokerFenced(1, script.number(1)));
        script.follow();
        var announced = call(stop(10_000));

        assertThat(script.committed(announced.callId(), new CommandResult.ShutdownProgress(1)))
                .contains(new LeadersMoved(1));
    }

    @Test
    void goesOnWhenItsTimeIsOver() {
        joinWithALedPartition();
        stop(1_000);

        assertThat(of(LeadersMoved.class, script.pass(900))).isEmpty();
        assertThat(of(LeadersMoved.class, script.pass(100))).hasSize(1);
        assertThat(of(LeadersMoved.class, script.pass(5_000))).isEmpty();
    }

    @Test
    void doesNotWaitLongForAControllerThatIsGone() {
        joinWithALedPartition();
        stop(60_000);

        assertThat(of(LeadersMoved.class, script.pass(2_000))).hasSize(1);
    }

    @Test
    void goesOnAtOnceWhenTheClusterNeverCountedOnIt() {
        script.start();

        assertThat(stop(10_000)).containsExactly(new LeadersMoved(0));
        assertThat(of(LifecycleEffect.Call.class, script.pass(10_000))).isEmpty();
    }

    @Test
    void goesOnWhenAnotherProcessHasItsName() {
        joinWithALedPartition();
        var announced = call(stop(10_000));

        assertThat(script.refused(announced.callId(), Refusal.Code.STALE_INCARNATION))
                .contains(new LeadersMoved(0));
    }

    @Test
    void keepsBeatingUntilTheProcessEnds() {
        joinWithALedPartition();
        stop(1_000);

        assertThat(of(LifecycleEffect.Beat.class, script.pass(6_000))).hasSize(20);
    }

    private List<LifecycleEffect> stop(long waitMs) {
        return script.on(new LifecycleEvent.StopWanted(waitMs));
    }

    private void joinWithALedPartition() {
        script.join();
        script.apply(script.registered(1, new UUID(1, 9)));
        script.apply(new BrokerUnfenced(1, script.number(1)));
        script.topic(List.of(NODE, 1), List.of(), OptionalInt.of(NODE));
        script.follow();
    }

    private void moveLeader() {
        script.apply(
                new PartitionChanged(
                        LifecycleScript.TOPIC,
                        0,
                        OptionalInt.of(1),
                        2,
                        2,
                        List.of(NODE, 1),
                        List.of(),
                        List.of(),
                        false));
    }
}
