// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import dev.weir.api.internal.v1.AskRegistrationCommand;
import dev.weir.api.internal.v1.RefusalCode;
import dev.weir.api.internal.v1.RegisterBrokerCommand;
import dev.weir.api.internal.v1.StartShutdownCommand;
import dev.weir.api.internal.v1.SubmitRequest;
import dev.weir.api.internal.v1.SubmitResponse;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;

class CodecTest {

    private static final int ROUNDS = 50;

    @Test
    void everyCommandComesBackAsItWas() throws Exception {
        var cases = new HashSet<SubmitRequest.CommandCase>();
        for (var type : RandomValues.concrete(ControllerCommand.class)) {
            for (long seed = 0; seed < ROUNDS; seed++) {
                var command = (ControllerCommand) new RandomValues(seed).value(type);

                var request = CommandCodec.encode(command, 700);
                var wire = SubmitRequest.parseFrom(request.toByteArray());

                assertThat(CommandCodec.decode(wire)).as("seed %d", seed).isEqualTo(command);
                assertThat(wire.getTimeoutMs()).isEqualTo(700);
                cases.add(wire.getCommandCase());
            }
        }
        // Each on its own field, and no field that no command uses.
        assertThat(cases).hasSize(SubmitRequest.CommandCase.values().length - 1);
    }

    @Test
    void everyResultComesBackAsItWas() throws Exception {
        for (var type : RandomValues.concrete(CommandResult.class)) {
            for (long seed = 0; seed < ROUNDS; seed++) {
                var result = (CommandResult) new RandomValues(seed).value(type);

                assertComesBack(new GatewayOutcome.Committed(result, seed));
            }
        }
    }

    @Test
    void everyRefusalComesBackAsItWas() throws Exception {
        for (var code : Refusal.Code.values()) {
            assertComesBack(new GatewayOutcome.Refused(new Refusal(code, "because " + code), 9));
        }
        // UNSPECIFIED and UNRECOGNIZED have no counterpart.
        assertThat(RefusalCode.values()).hasSize(Refusal.Code.values().length + 2);
    }

    @Test
    void answersThatDecideNothingComeBackAsTheyWere() throws Exception {
        assertComesBack(new GatewayOutcome.NotController(OptionalInt.of(3)));
        assertComesBack(new GatewayOutcome.NotController(OptionalInt.empty()));
        assertComesBack(new GatewayOutcome.Unknown("who knows"));
    }

    @Test
    void refusesWhatIsNoCommand() {
        var request = SubmitRequest.newBuilder();
        var shortId =
                StartShutdownCommand.newBuilder()
                        .setNodeId(1)
                        .setIncarnation(ByteString.copyFrom(new byte[15]));
        for (var bad :
                List.of(
                        request.build(),
                        request.setAskRegistration(AskRegistrationCommand.newBuilder()).build(),
                        request.setStartShutdown(shortId).build(),
                        request.setRegisterBroker(RegisterBrokerCommand.newBuilder()).build())) {
            assertThatThrownBy(() -> CommandCodec.decode(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> OutcomeCodec.decode(SubmitResponse.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertComesBack(GatewayOutcome outcome) throws Exception {
        var wire = SubmitResponse.parseFrom(OutcomeCodec.encode(outcome).toByteArray());

        assertThat(OutcomeCodec.decode(wire)).isEqualTo(outcome);
    }
}
