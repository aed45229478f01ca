// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import static dev.weir.broker.lifecycle.core.LifecycleScript.DIRECTORY;
import static dev.weir.broker.lifecycle.core.LifecycleScript.NODE;
import static dev.weir.broker.lifecycle.core.LifecycleScript.PROCESS;
import static dev.weir.broker.lifecycle.core.LifecycleScript.TOPIC;
import static dev.weir.broker.lifecycle.core.LifecycleScript.call;
import static dev.weir.broker.lifecycle.core.LifecycleScript.of;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerRemoved;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

class BrokerLifecycleTest {

    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private final LifecycleScript script = new LifecycleScript();

    @Test
    void namesTheRegistrationThatItWasToldIsCurrent() {
        var asked = call(script.start());
        assertThat(asked.command()).isEqualTo(new ControllerCommand.AskRegistration(NODE));

        var next =
                call(script.committed(asked.callId(), new CommandResult.CurrentRegistration(41)));

        assertThat(next.command())
                .isInstanceOfSatisfying(
                        ControllerCommand.RegisterBroker.class,
                        register -> {
                            assertThat(register.replacesRegistration()).isEqualTo(41);
                            assertThat(register.incarnation()).isEqualTo(PROCESS);
                        });
    }

    @Test
    void asksAnewWhenTheNumberIsStale() {
        var asked = call(script.start());
        var registering =
                call(script.committed(asked.callId(), new CommandResult.CurrentRegistration(1)));

        assertThat(script.refused(registering.callId(), Refusal.Code.STALE_REGISTRATION)).isEmpty();

        assertThat(call(script.pass(50)).command())
                .isEqualTo(new ControllerCommand.AskRegistration(NODE));
    }

    @Test
    void asksAnewWhenNobodyKnowsWhatBecameOfTheRegistration() {
        var asked = call(script.start());
        var registering =
                call(script.committed(asked.callId(), new CommandResult.CurrentRegistration(1)));

        script.unknown(registering.callId());

        assertThat(call(script.pass(50)).command())
                .isEqualTo(new ControllerCommand.AskRegistration(NODE));
    }

    @Test
    void takesAnAnswerThatStaysAwayForUnknownAndIgnoresItWhenItComesLate() {
        var asked = call(script.start());

        var again = of(LifecycleEffect.Call.class, script.pass(7_000));

        assertThat(again).hasSize(1);
        assertThat(script.committed(asked.callId(), new CommandResult.CurrentRegistration(1)))
                .isEmpty();
    }

    @Test
    void saysWhatItWaitsForWhileThereIsNoController() {
        var asked = call(script.start());
        script.unknown(asked.callId());

        var notices = of(LifecycleEffect.Waiting.class, script.pass(25_000));

        assertThat(notices).hasSizeBetween(3, 4);
        assertThat(notices.getFirst().reason()).contains("controller");
    }

    @Test
    void followsFromItsRegistrationAndOpensItsStreamOnlyWhenItsReplicasDo() {
        var older = script.image();
        var effects = script.register();
        assertThat(effects).containsExactly(new LifecycleEffect.Follow(script.image().offset()));
        assertThat(script.on(new LifecycleEvent.ImageFollowed(older))).isEmpty();

        var joined = script.follow();

        assertThat(joined)
                .startsWith(new LifecycleEffect.OpenSession(), new LifecycleEffect.Beat());
        assertThat(of(LifecycleEffect.OpenSession.class, script.follow())).isEmpty();
    }

    @Test
    void beatsAtItsIntervalFromThenOn() {
        assertThat(of(LifecycleEffect.Beat.class, script.pass(1_000))).isEmpty();
        script.join();

        assertThat(of(LifecycleEffect.Beat.class, script.pass(3_000))).hasSize(10);
    }

    @Test
    void tellsWhetherTheClusterCountsOnIt() {
        script.register();
        assertThat(of(LifecycleEffect.LivenessChanged.class, script.follow())).isEmpty();

        script.apply(new BrokerUnfenced(NODE, script.number(NODE)));
        assertThat(script.follow()).contains(new LifecycleEffect.LivenessChanged(true));

        script.apply(new BrokerFenced(NODE, script.number(NODE)));
        assertThat(script.follow()).contains(new LifecycleEffect.LivenessChanged(false));
        // It keeps beating: the controller takes it back by itself.
        assertThat(of(LifecycleEffect.Beat.class, script.pass(600))).hasSize(2);
    }

    @Test
    void endsWhenTheControllerWillNeverHaveIt() {
        var asked = call(script.start());
        var registering =
                call(script.committed(asked.callId(), new CommandResult.CurrentRegistration(0)));

        var effects = script.refused(registering.callId(), Refusal.Code.WRONG_DIRECTORY);

        assertThat(of(LifecycleEffect.Expelled.class, effects)).hasSize(1);
        assertThat(of(LifecycleEffect.Call.class, script.pass(10_000))).isEmpty();
    }

    @Test
    void endsWhenAnotherProcessTookItsName() {
        script.join();
        script.apply(script.registered(NODE, new UUID(6, 6)));

        assertThat(of(LifecycleEffect.Expelled.class, script.follow())).hasSize(1);
    }

    @Test
    void endsWhenItWasRemoved() {
        script.join();
        script.apply(new BrokerRemoved(NODE, script.number(NODE)));

        assertThat(of(LifecycleEffect.Expelled.class, script.follow())).hasSize(1);
    }

    @Test
    void reportsTheEndsOfRecoveringLogsUntilNoneIsLeft() {
        script.join();
        script.topic(List.of(), List.of(NODE), OptionalInt.empty());

        var read = of(LifecycleEffect.ReadLogEnds.class, script.follow());
        assertThat(read).hasSize(1);
        assertThat(read.getFirst().partitions()).containsExactly(PARTITION);
        var report = call(script.on(new LifecycleEvent.LogEnds(ends())));
        assertThat(report.command())
                .isEqualTo(new ControllerCommand.ReportLogEnds(NODE, PROCESS, ends()));
        script.committed(report.callId(), new CommandResult.Done());
        assertThat(of(LifecycleEffect.ReadLogEnds.class, script.pass(2_900))).isEmpty();

        // Another controller knows nothing of it.
        script.newController();
        assertThat(of(LifecycleEffect.ReadLogEnds.class, script.follow())).hasSize(1);
        script.on(new LifecycleEvent.LogEnds(new TreeMap<>()));

        var state = script.image().topics().partition(PARTITION).orElseThrow();
        script.apply(
                new PartitionChanged(
                        TOPIC,
                        0,
                        OptionalInt.of(NODE),
                        state.leaderEpoch() + 1,
                        state.partitionEpoch() + 1,
                        List.of(NODE),
                        List.of(),
                        List.of(),
                        false));
        script.follow();
        assertThat(of(LifecycleEffect.ReadLogEnds.class, script.pass(10_000))).isEmpty();
    }

    @Test
    void reportsAFailedDirectoryUntilThatIsTaken() {
        script.register();
        script.on(new LifecycleEvent.DirectoryFailed(DIRECTORY));

        var first = call(script.follow());
        assertThat(first.command())
                .isEqualTo(new ControllerCommand.ReportFailedDirectory(NODE, PROCESS, DIRECTORY));
        assertThat(script.unknown(first.callId())).isEmpty();

        var second = call(script.pass(50));
        assertThat(second.command()).isEqualTo(first.command());
        script.committed(second.callId(), new CommandResult.Done());
        assertThat(of(LifecycleEffect.Call.class, script.pass(10_000))).isEmpty();
    }

    @Test
    void endsWhenItsDirectoryFailedBeforeAndWasNotRestored() {
        script.register();
        script.apply(new DirectoryFailed(NODE, DIRECTORY));

        assertThat(of(LifecycleEffect.Expelled.class, script.follow())).hasSize(1);
        assertThat(of(LifecycleEffect.Beat.class, script.pass(5_000))).isEmpty();
    }

    @Test
    void goesOnWhenItsDirectoryFailsWhileItRuns() {
        script.join();
        script.apply(new DirectoryFailed(NODE, DIRECTORY));

        assertThat(of(LifecycleEffect.Expelled.class, script.follow())).isEmpty();
    }

    @Test
    void reportsOfflineReplicasUntilThatIsTakenAndToEachController() {
        script.join();
        script.follow();
        var first = call(offline(PARTITION));
        assertThat(first.command()).isEqualTo(report(1, PARTITION));

        script.unknown(first.callId());
        var second = call(script.pass(50));
        assertThat(second.command()).isEqualTo(report(2, PARTITION));
        script.committed(second.callId(), new CommandResult.Done());
        assertThat(of(LifecycleEffect.Call.class, script.pass(10_000))).isEmpty();

        script.newController();
        var third = call(script.follow());
        assertThat(third.command()).isEqualTo(report(3, PARTITION));
        script.committed(third.callId(), new CommandResult.Done());
        script.pass(50);
        assertThat(call(offline()).command()).isEqualTo(report(4));
    }

    @Test
    void anAnswerOfAnEarlierControllerTellsTheNextOneNothing() {
        script.join();
        script.follow();
        var first = call(offline(PARTITION));

        script.newController();
        script.follow();
        script.committed(first.callId(), new CommandResult.Done());

        assertThat(call(script.pass(50)).command()).isEqualTo(report(2, PARTITION));
    }

    private List<LifecycleEffect> offline(TopicPartition... partitions) {
        return script.on(new LifecycleEvent.OfflineReplicas(new TreeSet<>(List.of(partitions))));
    }

    private static ControllerCommand report(long number, TopicPartition... partitions) {
        return new ControllerCommand.ReportOfflineReplicas(
                NODE, PROCESS, number, new TreeSet<>(List.of(partitions)));
    }

    private static TreeMap<TopicPartition, ControllerCommand.LogEnd> ends() {
        var ends = new TreeMap<TopicPartition, ControllerCommand.LogEnd>();
        ends.put(PARTITION, new ControllerCommand.LogEnd(3, 99));
        return ends;
    }
}
