// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import static dev.weir.broker.lifecycle.core.LifecycleScript.NODE;
import static dev.weir.broker.lifecycle.core.LifecycleScript.PROCESS;
import static dev.weir.broker.lifecycle.core.LifecycleScript.TOPIC;
import static dev.weir.broker.lifecycle.core.LifecycleScript.call;
import static dev.weir.broker.lifecycle.core.LifecycleScript.of;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.lifecycle.core.LifecycleEffect.AnswerIsr;
import dev.weir.broker.partition.core.IsrMember;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.UUID;

class PartitionRequestsTest {

    private static final UUID OTHER = new UUID(5, 5);

    private final LifecycleScript script = new LifecycleScript();

    @BeforeEach
    void join() {
        script.join();
    }

    @Test
    void carriesAProposalAsItIs() {
        var call = call(propose(0, 1));

        assertThat(call.command())
                .isEqualTo(
                        new ControllerCommand.AlterPartition(
                                new TopicPartition(TOPIC, 0),
                                NODE,
                                PROCESS,
                                3,
                                4,
                                List.of(
                                        new ControllerCommand.IsrMember(NODE, PROCESS),
                                        new ControllerCommand.IsrMember(1, OTHER))));
        // A repeated one says the same, to the byte.
        script.unknown(call.callId());
        assertThat(call(propose(0, 1)).command()).isEqualTo(call.command());
    }

    @Test
    void tellsALeaderWhatBecameOfItsProposal() {
        var accepted = call(propose(0, 1));
        var state =
                new PartitionState(
                        List.of(NODE, 1),
                        List.of(OTHER, PROCESS),
                        List.of(NODE, 1),
                        List.of(),
                        List.of(),
                        OptionalInt.of(NODE),
                        3,
                        5,
                        false);
        assertThat(script.committed(accepted.callId(), new CommandResult.PartitionNow(state)))
                .contains(answer(0, 1, new IsrOutcome.Accepted(3, 5, List.of(NODE, 1), List.of())));

        var ineligible = call(propose(0, 2));
        assertThat(script.refused(ineligible.callId(), Refusal.Code.INELIGIBLE_REPLICA))
                .contains(answer(0, 2, new IsrOutcome.Refused(true, 4)));

        var stale = call(propose(0, 3));
        assertThat(script.refused(stale.callId(), Refusal.Code.STALE_PARTITION_EPOCH))
                .contains(answer(0, 3, new IsrOutcome.Refused(false, 4)));

        var busy = call(propose(0, 4));
        assertThat(script.refused(busy.callId(), Refusal.Code.BUSY))
                .contains(answer(0, 4, new IsrOutcome.Unknown()));

        var unknown = call(propose(0, 5));
        assertThat(script.unknown(unknown.callId()))
                .contains(answer(0, 5, new IsrOutcome.Unknown()));
    }

    @Test
    void answersAsUnknownWhatTheControllerNeverAnswered() {
        propose(0, 1);

        assertThat(of(AnswerIsr.class, script.pass(7_000)))
                .containsExactly(answer(0, 1, new IsrOutcome.Unknown()));
    }

    @Test
    void hasFewOnTheirWayAndOfThoseThatWaitTheNewestOfEachPartition() {
        var calls = new ArrayList<LifecycleEffect.Call>();
        calls.addAll(of(LifecycleEffect.Call.class, propose(0, 1)));
        calls.addAll(of(LifecycleEffect.Call.class, propose(1, 1)));
        assertThat(calls).hasSize(2);

        assertThat(propose(2, 1)).isEmpty();
        assertThat(propose(3, 1)).isEmpty();
        assertThat(propose(2, 2)).isEmpty();

        var next = of(LifecycleEffect.Call.class, script.unknown(calls.getFirst().callId()));
        assertThat(next).hasSize(1);
        assertThat(partition(next.getFirst())).isEqualTo(2);
        assertThat(script.unknown(next.getFirst().callId()))
                .contains(answer(2, 2, new IsrOutcome.Unknown()))
                .anySatisfy(
                        effect ->
                                assertThat(effect)
                                        .isInstanceOfSatisfying(
                                                LifecycleEffect.Call.class,
                                                call -> assertThat(partition(call)).isEqualTo(3)));
    }

    @Test
    void carriesAProofOfDurabilityAndAnswersNobody() {
        var covered = new TreeSet<>(List.of(1, NODE));
        var event =
                new LifecycleEvent.FsyncCovered(
                        new TopicPartition(TOPIC, 0),
                        new ReplicaEffect.ConfirmFsync(3, 4, covered));

        var call = call(script.on(event));

        assertThat(call.command())
                .isEqualTo(
                        new ControllerCommand.ConfirmFsync(
                                new TopicPartition(TOPIC, 0), NODE, PROCESS, 3, 4, covered));
        assertThat(script.unknown(call.callId())).isEmpty();
    }

    private List<LifecycleEffect> propose(int partition, long number) {
        var isr = List.of(new IsrMember(NODE, PROCESS), new IsrMember(1, OTHER));
        return script.on(
                new LifecycleEvent.IsrProposed(
                        new TopicPartition(TOPIC, partition),
                        new ReplicaEffect.ProposeIsr(number, 3, 4, isr)));
    }

    private static int partition(LifecycleEffect.Call call) {
        return ((ControllerCommand.AlterPartition) call.command()).partition().partition();
    }

    private static AnswerIsr answer(int partition, long number, IsrOutcome outcome) {
        return new AnswerIsr(new TopicPartition(TOPIC, partition), number, outcome);
    }
}
