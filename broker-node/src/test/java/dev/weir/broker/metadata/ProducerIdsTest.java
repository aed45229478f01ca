// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.metadata.ProducerIds.Answer;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

class ProducerIdsTest {

    private final ArrayDeque<CompletableFuture<GatewayOutcome>> asked = new ArrayDeque<>();
    private final ProducerIds ids =
            new ProducerIds(new Gateway(), 1, UUID.randomUUID(), Duration.ofSeconds(1));
    private final List<Answer> answers = new ArrayList<>();

    @Test
    void asksOnceForAllWhoWaitAndAgainWhenTheBlockIsUsedUp() {
        for (int i = 0; i < 3; i++) {
            ids.fresh(answers::add);
        }
        assertThat(asked).hasSize(1);

        asked.remove().complete(block(1_000, 2));

        assertThat(answers).containsExactly(given(1_000, 0), given(1_001, 0));
        assertThat(asked).hasSize(1);
        asked.remove().complete(block(5_000, 2));
        assertThat(answers).last().isEqualTo(given(5_000, 0));
        ids.fresh(answers::add);
        assertThat(answers).last().isEqualTo(given(5_001, 0));
    }

    @Test
    void tellsEveryoneWhoWaitsThatThereIsNoController() {
        ids.fresh(answers::add);
        ids.fresh(answers::add);

        asked.remove().complete(new GatewayOutcome.NotController(OptionalInt.empty()));

        assertThat(answers).hasSize(2).hasOnlyElementsOfType(Answer.Failed.class);
        ids.fresh(answers::add);
        assertThat(asked).hasSize(1);
    }

    @Test
    void givesTheNextEpochOnlyToWhoHoldsTheLastOne() {
        ids.fresh(answers::add);
        asked.remove().complete(block(7, 10));

        ids.nextEpoch(7, 0, answers::add);
        ids.nextEpoch(7, 0, answers::add);
        ids.nextEpoch(7, 1, answers::add);

        assertThat(answers)
                .containsExactly(given(7, 0), given(7, 1), new Answer.Fenced(1), given(7, 2));
    }

    @Test
    void givesANewIdForOneThatItNeverGaveOut() {
        ids.nextEpoch(99, 3, answers::add);
        asked.remove().complete(block(7, 10));

        assertThat(answers).containsExactly(given(7, 0));
    }

    private static Answer given(long id, int epoch) {
        return new Answer.Given(id, epoch);
    }

    private static GatewayOutcome block(long first, int count) {
        return new GatewayOutcome.Committed(new CommandResult.ProducerIds(first, count), 1);
    }

    private final class Gateway implements ControllerGateway {

        @Override
        public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
            var answer = new CompletableFuture<GatewayOutcome>();
            asked.add(answer);
            return answer;
        }

        @Override
        public BrokerSession openSession(int nodeId, UUID incarnation) {
            throw new UnsupportedOperationException();
        }
    }
}
